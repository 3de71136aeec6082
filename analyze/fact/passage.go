package fact

// Arrivals returns the nodes (Leg.Node) on which packets of a direction came in inside of a tunnel.
func (c *Connection) Arrivals(d Direction) []string {
	var nodes []string
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; len(l.Encap) > 0 && v.Flow == d && v.In() {
				nodes = append(nodes, l.Node)
				break
			}
		}
	}
	return nodes
}

// Opened returns when the latest packet of a direction was seen outside of tunnels on a node; 0 for never.
func (c *Connection) Opened(d Direction, node string) int64 {
	last := int64(0)
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; len(l.Encap) == 0 && l.Node == node && v.Flow == d {
				last = max(last, v.Last)
			}
		}
	}
	return last
}

// unopened reports whether packets of a direction came in by a tunnel and were never seen outside of it on that node.
func (c *Connection) unopened() bool {
	for d := range c.Flow {
		for _, node := range c.Arrivals(Direction(d)) {
			if c.Opened(Direction(d), node) == 0 {
				return true
			}
		}
	}
	return false
}

// Asymmetric reports whether an interface shows one direction inside of a tunnel only, and the other outside of it: the two ends disagree
// on whether there is a tunnel between them, or mean to (direct server return).
func (c *Connection) Asymmetric() bool {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) > 0 && !v.Mixed && c.shows(v, 1-v.Flow, false) && !c.shows(v, 1-v.Flow, true) {
				return true
			}
		}
	}
	return false
}

// shows reports whether the interface of a view shows packets of a direction, inside or outside of a tunnel.
func (c *Connection) shows(at *View, d Direction, inside bool) bool {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) > 0 == inside && v.Flow == d && v.Interface == at.Interface && v.Capture == at.Capture {
				return true
			}
		}
	}
	return false
}

// fragments reports whether datagrams travelled in fragments, and whether some of them lack others in a view.
func (c *Connection) fragments() (fragmented, torn bool) {
	if c.Proto != UDP {
		return false, false
	}
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			v := &c.Legs[i].Views[k]
			fragmented = fragmented || v.Fragmented > 0
			torn = torn || v.Torn > 0
		}
	}
	return fragmented, torn
}
