package config

import "strings"

// StackOf returns the stack size of a handler's coroutines: from its operation (0 when that has
// none), else from the environment, else of the configuration. clampedFrom is the size asked for
// when it was out of bounds, else 0. A clamped size is as odd or even as the one asked for.
func (c Config) StackOf(handler string, ofOperation int) (size, clampedFrom int) {
	size = c.StackSize
	if override := c.StackOverride[strings.ToLower(handler)]; override != 0 {
		size = override
	}
	if ofOperation != 0 {
		size = ofOperation
	}
	if c.TrackStacks {
		size |= 1
	}
	asked := size
	if size < c.StackMin {
		size = c.StackMin + (c.StackMin^asked)&1
	}
	if size > c.StackMax {
		size = c.StackMax - (c.StackMax^asked)&1
	}
	if size != asked {
		return size, asked
	}
	return size, 0
}
