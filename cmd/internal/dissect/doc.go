// Package dissect takes a frame apart for people to look at: each header with the names and values that the RFCs give its fields.
//
// gopacket reads the headers, a DNS library the messages in them. The engine has its own decoder (package decode), which is quicker and knows what it may
// believe; nothing that netsift concludes rests on this package. Both are shown side by side, so that they can be held against each other.
//
// Frames hold any bytes, and so the libraries may panic. That is caught, header by header, and said.
package dissect
