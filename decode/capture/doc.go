// Package capture reads packet captures: bytes in, frames out.
//
// NewReader tells by content what it is given: pcap in both byte orders, with microseconds or nanoseconds, and its older
// and modified variants; pcapng with any number of sections and interfaces; each plain or compressed with gzip or zstd,
// in one or many compressed frames. Read fills a Block with the next batch of frames. The bytes of a frame stay where
// read(2) put them: a Block owns the buffer that was read into, and only a record that a batch cuts is copied into the
// next one.
//
// # Damage
//
// A file is followed exactly as Wireshark follows it, as long as Wireshark does. Where Wireshark gives up (a record
// claims an impossible length, or runs over the end of the file), the reader looks for the next plausible chain of
// records and goes on there. Reader.Damage says what could not be read. Nothing is ever allocated because a length
// field says so; buffers grow with the bytes that have arrived.
//
// The formats are those of draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
package capture
