package decode

import "github.com/netsift/netsift/decode/wire"

func (d *dissection) tcp(p *Packet) layer {
	b := wire.TCP(d.rest())
	if !b.Valid() {
		return d.partTCP(p, b)
	}
	p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
	p.Seq, p.Ack = b.Seq(), b.Ack()
	p.Flags, p.Window = b.Flags(), b.Window()
	p.Has |= HasPorts | HasTCP | HasSeq
	n := b.HeaderLen()
	if n <= wire.TCPLen {
		if n < wire.TCPLen {
			return d.stop(p, StopLength, LayerTCP, wire.TCPLen)
		}
		d.off += n
		return atEnd
	}
	if len(b) < n {
		// The header says how long it is, and so how much of the IP packet is data: none of the options is.
		readOptions(p, b[wire.TCPLen:])
		next := d.short(p, LayerTCP, n)
		d.off += n
		return next
	}
	readOptions(p, b[wire.TCPLen:n])
	d.off += n
	return atEnd
}

// partTCP reads what there is of a header that is not whole.
func (d *dissection) partTCP(p *Packet, b wire.TCP) layer {
	if len(b) >= 4 {
		p.SrcPort, p.DstPort = b.SrcPort(), b.DstPort()
		p.Has |= HasPorts
	}
	if len(b) >= 8 {
		p.Seq = b.Seq()
		p.Has |= HasSeq
	}
	return d.short(p, LayerTCP, wire.TCPLen)
}

func readOptions(p *Packet, b []byte) {
	val, ecr, alone := wire.TimestampsAlone(b)
	if alone {
		p.TSVal, p.TSEcr = val, ecr
		p.Has |= HasTimestamps
		return
	}
	var o wire.TCPOptions
	o.Read(b)
	if o.Set&wire.OptionTimestamps != 0 {
		p.TSVal, p.TSEcr = o.TSVal, o.TSEcr
		p.Has |= HasTimestamps
	}
	if o.Set&wire.OptionMSS != 0 {
		p.MSS = o.MSS
		p.Has |= HasMSS
	}
	if o.Set&wire.OptionWindowScale != 0 {
		p.WindowScale = o.WindowScale
		p.Has |= HasWindowScale
	}
	if o.Set&wire.OptionSACK != 0 {
		p.SACKLeft, p.SACKRight = o.SACKLeft, o.SACKRight
		p.Has |= HasSACK
	}
}
