// Package junit writes reports as JUnit XML, which pipelines show as tests: one for each rule. Nobody has specified the form; what
// is written is what Jenkins' schema for it (junit-10.xsd of the xUnit plugin) has and other readers share.
package junit
