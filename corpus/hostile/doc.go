// Package hostile makes captures that ask for more than their size: each has many things of one kind, and is as long as wanted. Any pod can send most
// of them. What reads a capture must take as long for each frame of a long one as for each of a short one.
package hostile
