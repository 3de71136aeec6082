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
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; len(l.Encap) > 0 && v.In() && c.Opened(v.Flow, l.Node) == 0 {
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

// Stranded returns where packets of a direction came in to a node, outside of tunnels, and were not seen again on it: the last such view and
// its leg; nil where they went on or ended elsewhere. A node's own sockets take packets in without any further sighting.
func (c *Connection) Stranded(d Direction) (*Leg, *View) {
	var leg *Leg
	var view *View
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if v.Flow != d || len(l.Encap) > 0 || !v.In() || v.Mixed || c.leaves(l.Node, d) {
				continue
			}
			if view == nil || l.Node != leg.Node || v.First >= view.First {
				leg, view = l, v
			}
		}
	}
	return leg, view
}

// leaves reports whether packets of a direction were seen going out on a node, by whatever interface.
func (c *Connection) leaves(node string, d Direction) bool {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; l.Node == node && v.Flow == d && !v.In() {
				return true
			}
		}
	}
	return false
}

// Detour returns by which interface of a node the client's packets came in, and by which other one the answers went out, both outside of
// tunnels; nil where they took the same way, or the capture does not tell interfaces apart.
func (c *Connection) Detour() (in, out *View) {
	asked, returns := -1, false // of the capture asked last
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) > 0 || v.Flow != ToClient || !v.Out() || v.Mixed || c.enters(v.Capture, v.Interface) != nil {
				continue
			}
			if asked != int(v.Capture) {
				asked, returns = int(v.Capture), c.returns(v.Capture)
			}
			if in = c.enters(v.Capture, anyInterface); in != nil && !returns && (out == nil || v.First > out.First) {
				out = v
			}
		}
	}
	if out == nil {
		return nil, nil
	}
	return c.enters(out.Capture, anyInterface), out
}

// anyInterface stands for all interfaces of a capture.
const anyInterface = 1<<32 - 1

// enters returns the first view in which the client's packets come in by an interface, outside of tunnels; nil without one.
func (c *Connection) enters(capture uint16, face uint32) *View {
	var first *View
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) == 0 && v.Flow == ToServer && v.In() && !v.Mixed && v.Capture == capture && (face == anyInterface || v.Interface == face) &&
				(first == nil || v.First < first.First) {
				first = v
			}
		}
	}
	return first
}

// returns reports whether answers go out by an interface by which the client's packets come in.
func (c *Connection) returns(capture uint16) bool {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) == 0 && v.Flow == ToClient && v.Out() && v.Capture == capture && c.enters(capture, v.Interface) != nil {
				return true
			}
		}
	}
	return false
}

// stranded reports whether a direction's packets are stranded.
func (c *Connection) stranded() bool {
	_, up := c.Stranded(ToServer)
	_, down := c.Stranded(ToClient)
	return up != nil || down != nil
}

// detours reports whether there is a detour.
func (c *Connection) detours() bool {
	_, out := c.Detour()
	return out != nil
}

// CameBack returns the leg with which the client's packets left a node, and the one with which they came back in by the same interface with the
// same source; nil where they did not. Both are the same leg where they came back as they had left, but with a lower TTL: a switch that
// reflects frames leaves that alone. Captures that hide says so of are left out; nil for none.
func (c *Connection) CameBack(hide func(capture uint16) bool) (left, back *Leg) {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if v := &l.Views[k]; len(l.Encap) == 0 && v.Flow == ToServer && v.In() && !v.Mixed && (hide == nil || !hide(v.Capture)) {
				if left = c.leftBefore(l, v); left != nil {
					return left, l
				}
			}
		}
	}
	return nil, nil
}

// leftBefore returns the leg with which packets left by the interface of a view before they came in there, with the same source.
func (c *Connection) leftBefore(back *Leg, in *View) *Leg {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if len(l.Encap) == 0 && l.Src == back.Src && v.Flow == ToServer && v.Out() && v.Interface == in.Interface && v.Capture == in.Capture &&
				v.First <= in.First && (l != back || in.TTL < v.TTL) {
				return l
			}
		}
	}
	return nil
}

// cameBack reports whether the client's packets came back to the node that they had left.
func (c *Connection) cameBack() bool {
	_, back := c.CameBack(nil)
	return back != nil
}
