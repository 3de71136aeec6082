package build

// device is a network interface.
type device struct {
	index    uint32
	name     string
	hardware uint16 // ARPHRD type
	mac      [6]byte
}

// frame is one packet as one interface shows it.
type frame struct {
	time int64
	dev  *device
	kind uint8
	mac  [6]byte
	data []byte // from the network header on
}

// recorder holds the frames of tcpdump -i any in one network namespace: a node's, a pod's, or an outside machine's.
type recorder struct {
	devices []*device
	frames  []frame
	// far is the receiver's link-layer address in outgoing Ethernet frames: any other than the sender's.
	far [6]byte
}

func (m *recorder) addDevice(name string, hardware uint16, mac [6]byte) *device {
	d := &device{index: uint32(len(m.devices) + 1), name: name, hardware: hardware, mac: mac}
	m.devices = append(m.devices, d)
	return d
}

func (m *recorder) note(f frame) { m.frames = append(m.frames, f) }

// see records a packet on an interface and lets the time pass that the next step takes.
func (n *Node) see(d *device, kind uint8, mac [6]byte, p *packet) {
	for _, data := range p.frames(n.mtuOf(d, kind)) {
		n.seeRaw(d, kind, mac, data)
	}
}

func (n *Node) seeRaw(d *device, kind uint8, mac [6]byte, data []byte) {
	n.note(frame{n.c.now, d, kind, mac, data})
	n.c.gap()
}

// A veth pair hands a packet from one end to the other in less than a microsecond: a packet is at the pod's end so many
// nanoseconds before or after the node's end shows it.
const leaving, coming = -400, 400

// shows records a packet at the pod's end of its veth pair. It is called before the node's end records the same packet, and
// takes no time of its own: a node's frames do not depend on other captures.
func (p *Pod) shows(after int64, kind uint8, mac [6]byte, data ...[]byte) {
	for i, b := range data {
		p.note(frame{p.c.now + after + int64(i), p.eth0, kind, mac, b})
	}
}
