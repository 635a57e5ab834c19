package memory

// Name is a site that is asked for: every stack that has one of its functions belongs to it, whatever
// allocates below.
type Name struct {
	Site     string
	Function interface{ Matches(function string) bool }
}

// maxMemo bounds the functions whose names are remembered.
const maxMemo = 1 << 16

// names finds which name a stack belongs to.
type names struct {
	list []Name
	memo map[string]int // function to a number in list; -1: none fits
}

// of returns the name of a stack: of its innermost function that fits, the first name that does.
func (n *names) of(stack []frame) (site string, found bool) {
	if len(n.list) == 0 {
		return "", false
	}
	for _, f := range stack {
		if i := n.fits(f.function); i >= 0 {
			return n.list[i].Site, true
		}
	}
	return "", false
}

func (n *names) fits(function string) int {
	if i, known := n.memo[function]; known {
		return i
	}
	at := -1
	for i, name := range n.list {
		if at < 0 && function != "" && name.Function.Matches(readable(function)) {
			at = i
		}
	}
	if n.memo == nil {
		n.memo = map[string]int{}
	}
	if len(n.memo) < maxMemo {
		n.memo[function] = at
	}
	return at
}
