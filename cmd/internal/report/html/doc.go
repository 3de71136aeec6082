// Package html writes a report as one HTML file that needs nothing else: no network, no other file, no script to be read. Its
// scripts, allowed by their hashes and nothing but them, filter findings, copy commands and draw charts.
//
// Text from packets, file names and other strangers is cleaned as for a terminal and escaped by html/template.
package html
