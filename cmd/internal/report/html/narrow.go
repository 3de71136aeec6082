package html

// narrow is a drawing for a narrow window: the same without its notes, which do not fit beside the lanes there.
func (w *walk) narrow() *drawing {
	d := w.drawing
	d.ID += "-narrow"
	d.Width = w.lane[1] + laneGap - 24
	d.Boxes, d.Labels = nil, nil
	for _, b := range w.Boxes {
		b.W = d.Width - 12
		d.Boxes = append(d.Boxes, b)
	}
	for _, l := range w.Labels {
		if l.X >= w.note {
			continue
		}
		if l.X == nameX-10 { // of a node or of an end: alone on its line
			l.Text = short(l.Text, int(float64(d.Width-l.X)/nameChar))
		}
		d.Labels = append(d.Labels, l)
	}
	return &d
}
