package capture

// Frame is one captured record. Its bytes lie in the Block that it belongs to.
type Frame struct {
	// Number counts the frames of one file from 1, as Wireshark does: it also numbers pcapng blocks that are no packets
	// (systemd journal, sysdig events, custom blocks), so that numbers may be missing.
	Number uint64
	// Time is the record's own timestamp in nanoseconds since 1970-01-01 UTC, exactly as the file says it, however wild:
	// judging clocks takes more than one frame. It is 0 for a record that has none (pcapng simple packet block), and the
	// nearest that an int64 can say for times outside of 1678 to 2262.
	Time int64
	// Offset and Cap locate the captured bytes in Block.Data; Cap is their number.
	Offset, Cap uint32
	// Wire is the number of bytes the packet had on the wire; at least Cap in an honest file, but any value in a hostile one.
	Wire uint32
	// Interface is the index of the frame's interface in Reader.Interfaces.
	Interface uint32
}

// Block is a batch of frames together with their bytes. It is reused: Reader.Read overwrites what it held. The zero
// Block is ready for use; blocks that one Reader has filled may be given to another.
type Block struct {
	// Data is the part of the file that was read at once; frames lie in it with their record headers between them.
	Data   []byte
	Frames []Frame
	// Kept is one for each frame of a facts file, whose frames are not all there, and empty for a capture.
	Kept []Kept
}

// Captured returns how many bytes frame i has in its capture: as many as are in the block, unless it is a facts file's.
func (b *Block) Captured(i int) uint32 {
	if len(b.Kept) > 0 {
		return b.Kept[i].Captured
	}
	return b.Frames[i].Cap
}

// Bytes returns the captured bytes of f, which must be a frame of b. The slice is valid until the block is reused.
func (b *Block) Bytes(f *Frame) []byte {
	return b.Data[f.Offset : f.Offset+f.Cap : f.Offset+f.Cap]
}

// Interface describes one interface of a capture. A pcap file has exactly one (several only where files of different
// link types were concatenated), a pcapng file any number.
type Interface struct {
	Link LinkType
	// Name is the interface's name (pcapng if_name), "" if the file has none.
	Name string
	// Description is the interface's description (pcapng if_description), "" if the file has none.
	Description string
	// Snaplen is the largest number of bytes kept of a packet, 0 for no limit.
	Snaplen uint32
	// Section counts the sections of a pcapng file before the one that the interface is of: the capture was begun anew so often. It is 0 in pcap.
	Section int
	// Digits is the number of decimal digits of its timestamps' resolution: 6 for microseconds, 9 for nanoseconds and
	// anything finer.
	Digits int
	// Received and Dropped are the counters of the capturing kernel (pcapng interface statistics block, the last one:
	// they come after the frames). Dropped sums the drops of the interface and of the kernel, and is -1 if the file has
	// neither.
	Received, Dropped int64
}

// Damage says that a part of the file could not be read.
type Damage struct {
	// Offset is where the unreadable part begins, in bytes of the decompressed file; Skipped is its length, -1 where it
	// reaches to the end of the file, 0 where something is wrong but nothing was lost.
	Offset, Skipped int64
	// Frame is the number of the first frame that is missing or cut. The number of missing frames is unknown, so the
	// next readable one has that number too.
	Frame uint64
	// What names the fault, in the words of a sentence's end: "record claims 4294967295 captured bytes".
	What string
}
