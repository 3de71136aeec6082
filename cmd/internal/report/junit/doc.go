// Package junit writes reports as JUnit XML, which pipelines show as tests: one for each rule. The form has no
// specification: the package writes what Jenkins' schema (junit-10.xsd of the xUnit plugin) has and other readers share.
package junit
