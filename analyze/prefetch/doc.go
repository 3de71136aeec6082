// Package prefetch tells the processor which memory is going to be needed.
//
// Following a packet takes several cache lines of state that, with thousands of live connections, are in no cache. One load that
// misses holds up all that comes after it; a prefetch does not. Go has none, so this is the only assembly of the program:
// instructions that have no effect but on time. Without it, on other processors, everything works the same.
package prefetch
