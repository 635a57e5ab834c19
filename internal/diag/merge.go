package diag

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Under puts another document under this one: of two mappings the keys of both stay, of two lists
// the items of both, the other's first; of anything else this one's stays. Diagnostics keep
// pointing at the document that they are about.
func (n Node) Under(base Node) {
	n.adopt(base)
	n.under(base)
}

// adopt makes the other document's sources known to this one.
func (n Node) adopt(other Node) {
	maps.Copy(n.doc.foreign, other.doc.foreign)
	maps.Copy(n.doc.expanded, other.doc.expanded)
	other.claim(other.Source(), n.doc.foreign)
}

// claim notes where the nodes of a tree come from that have no note yet.
func (n Node) claim(src *Source, notes map[*yaml.Node]*Source) {
	if _, known := notes[n.y]; !known {
		notes[n.y] = src
	}
	for _, y := range n.y.Content {
		n.child(y).claim(src, notes)
	}
}

func (n Node) under(base Node) {
	switch {
	case n.IsMapping() && base.IsMapping():
		for i, key := range base.Keys() {
			value := n.child(base.resolved().Content[2*i+1])
			if own, ok := n.own(key.y.Value); ok {
				own.under(value)
			} else {
				n.y.Content = append(n.y.Content, key.y, value.y)
			}
		}
	case n.IsSequence() && base.IsSequence():
		n.y.Content = append(slices.Clone(base.resolved().Content), n.y.Content...)
	}
}

// own returns the value of a mapping's key, as a node that may be changed: an alias is replaced by
// a copy of what it stands for.
func (n Node) own(key string) (Node, bool) {
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		if n.y.Content[i].Value == key {
			return n.unshared(i + 1), true
		}
	}
	return Node{}, false
}

// unshared returns a part of the node that nothing else refers to.
func (n Node) unshared(i int) Node {
	if n.y.Content[i].Kind == yaml.AliasNode {
		n.y.Content[i] = n.child(n.child(n.y.Content[i]).resolved()).copied()
	}
	return n.child(n.y.Content[i])
}

func (n Node) copied() *yaml.Node {
	c := *n.y
	c.Content = make([]*yaml.Node, len(n.y.Content))
	for i, y := range n.y.Content {
		c.Content[i] = n.child(y).copied()
	}
	n.doc.foreign[&c] = n.Source()
	if x, ok := n.doc.expanded[n.y]; ok {
		n.doc.expanded[&c] = x
	}
	return &c
}

// Get returns the value of a mapping's key.
func (n Node) Get(key string) (Node, bool) {
	for i, k := range n.Keys() {
		if k.y.Value == key {
			return n.child(n.resolved().Content[2*i+1]), true
		}
	}
	return Node{}, false
}

// Take removes a key from a mapping and gives its value.
func (n Node) Take(key string) (Node, bool) {
	for i := 0; i+1 < len(n.y.Content) && n.IsMapping(); i += 2 {
		if n.y.Content[i].Value == key {
			value := n.child(n.y.Content[i+1])
			n.y.Content = slices.Delete(n.y.Content, i, i+2)
			return value, true
		}
	}
	return Node{}, false
}
