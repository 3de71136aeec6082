// Package markdown writes reports to be pasted: into an issue of GitHub or GitLab, a document, an incident tool. And it writes
// the rule catalogue as a page of documentation.
//
// Text from captures is a stranger's. It must not become markup, a mention of somebody, a reference to an issue, a link or a
// command of the diagram: see escape.go and mermaid.go.
package markdown
