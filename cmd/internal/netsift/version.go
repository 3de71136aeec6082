package netsift

// Version is the program's version. The release build sets it: -ldflags "-X github.com/netsift/netsift/cmd/internal/netsift.Version=1.2.3".
var Version = "0.1.0"
