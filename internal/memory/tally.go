package memory

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// tally is what a place has allocated so far.
type tally struct{ allocations, bytes, live, liveBytes int64 }

func (t *tally) add(o tally) {
	t.allocations += o.allocations
	t.bytes += o.bytes
	t.live += o.live
	t.liveBytes += o.liveBytes
}

// Bounds on what is kept of a file, however large it is.
const (
	maxMoments = 600     // points of a series
	maxChanges = 4 << 20 // tallies, over all moments
	maxPlaces  = 1 << 20
)

// tallies are the places of a program with what each has allocated, and how that was at some
// moments. When there are too many moments every second one is dropped.
type tallies struct {
	places  []place
	byPlace map[place]int
	now     []tally // by place
	high    []int64 // by place: the most live bytes at a time
	total   tally
	peak    int64 // of the live bytes of all

	step    time.Duration // that moments are apart, at least
	moments []moment
	changes int
	names   names
	touched []int // places that changed since the last moment
	fresh   []bool
}

// moment has the tallies of the places that changed since the moment before it.
type moment struct {
	at      time.Duration
	total   tally
	changed map[int]tally
}

// rest is what no place is known of.
var rest = place{function: Other}

func newTallies(list ...Name) *tallies {
	return &tallies{byPlace: map[place]int{}, names: names{list: list}}
}

// atStack returns the number of the place that a stack belongs to: its own, under the name that was
// asked for, if one fits.
func (t *tallies) atStack(stack []frame, own func([]frame) place) int {
	p := own(stack)
	if name, named := t.names.of(stack); named {
		p.function, p.named, p.library, p.nameless = name, true, false, false
	}
	return t.at(p)
}

// at returns the number of a place. All places beyond a million are one.
func (t *tallies) at(p place) int {
	if n, known := t.byPlace[p]; known {
		return n
	}
	if len(t.places) >= maxPlaces {
		p = rest
		if n, known := t.byPlace[p]; known {
			return n
		}
	}
	t.byPlace[p] = len(t.places)
	t.places, t.now, t.fresh = append(t.places, p), append(t.now, tally{}), append(t.fresh, false)
	t.high = append(t.high, 0)
	return len(t.places) - 1
}

// add adds to a place's tally.
func (t *tallies) add(place int, more tally) {
	t.now[place].add(more)
	t.total.add(more)
	t.high[place] = max(t.high[place], t.now[place].liveBytes)
	t.peak = max(t.peak, t.total.liveBytes)
	if !t.fresh[place] {
		t.fresh[place] = true
		t.touched = append(t.touched, place)
	}
}

// note keeps the tallies as they are at a moment, unless it is too near to the last.
func (t *tallies) note(at time.Duration) {
	if n := len(t.moments); n > 0 && at-t.moments[n-1].at < t.step {
		return
	}
	t.keep(at)
	for len(t.moments) > maxMoments || t.changes > maxChanges && len(t.moments) > 2 {
		t.coarsen()
	}
}

// keep keeps the tallies at a moment in any case. One at the same time as the last replaces it.
func (t *tallies) keep(at time.Duration) {
	if n := len(t.moments); n == 0 || t.moments[n-1].at != at {
		t.moments = append(t.moments, moment{at: at, changed: make(map[int]tally, len(t.touched))})
	}
	m := &t.moments[len(t.moments)-1]
	m.total = t.total
	before := len(m.changed)
	for _, place := range t.touched {
		m.changed[place], t.fresh[place] = t.now[place], false
	}
	t.changes += len(m.changed) - before
	t.touched = t.touched[:0]
}

// coarsen drops every second moment, all but the last. What changed at it has changed at the next.
func (t *tallies) coarsen() {
	span := t.moments[len(t.moments)-1].at - t.moments[0].at
	var kept []moment
	t.changes = 0
	for i := range t.moments {
		m := t.moments[i]
		if n := len(kept); n > 0 && i%2 == 0 {
			before := kept[n-1]
			maps.Copy(before.changed, m.changed)
			kept[n-1] = moment{m.at, m.total, before.changed}
			continue
		}
		kept = append(kept, m)
	}
	for _, m := range kept {
		t.changes += len(m.changed)
	}
	t.moments = kept
	t.step = max(2*t.step, span/maxMoments)
}

// profile returns the sites and the points. The places of one function in one file are one site.
func (t *tallies) profile(tool Tool) Profile {
	p := Profile{Tool: tool, Peak: t.peak}
	members := t.named()
	chosen := t.choose(members)
	siteOf := make([]int, len(t.places)) // by place; len(chosen): the rest
	for i := range siteOf {
		siteOf[i] = len(chosen)
	}
	for i, name := range chosen {
		p.Sites = append(p.Sites, Site{Function: inert(name), Place: inertPath(t.main(members[name]).where())})
		for _, place := range members[name] {
			siteOf[place] = i
		}
	}
	p.Sites = append(p.Sites, Site{Function: Other})
	last := make([]tally, len(t.places))
	sums := make([]tally, len(chosen)+1)
	for _, m := range t.moments {
		for place, now := range m.changed {
			was, sum := &last[place], &sums[siteOf[place]]
			sum.add(tally{now.allocations - was.allocations, now.bytes - was.bytes, now.live - was.live,
				now.liveBytes - was.liveBytes})
			*was = now
		}
		p.Total = append(p.Total, m.total.point(m.at))
		for i := range p.Sites {
			p.Sites[i].Points = append(p.Sites[i].Points, sums[i].point(m.at))
		}
	}
	others := p.Sites[len(chosen)]
	if !slices.ContainsFunc(others.Points, func(now Point) bool { return now != Point{At: now.At} }) {
		p.Sites = p.Sites[:len(chosen)]
	}
	return p
}

func (t tally) point(at time.Duration) Point {
	return Point{At: at, Allocations: t.allocations, Bytes: t.bytes, Live: t.live, LiveBytes: t.liveBytes}
}

// named returns the places of each site, by its name. Functions of one name in several files have
// the file in their name.
func (t *tallies) named() map[string][]int {
	files := map[string]map[string]bool{}
	key := func(p place) string { // what sets two functions of a name apart
		if p.file == "" {
			return p.module
		}
		return p.file
	}
	asked := map[string]bool{}
	for _, n := range t.names.list {
		asked[inert(n.Site)] = true
	}
	for _, p := range t.places {
		name := inert(p.function)
		if files[name] == nil {
			files[name] = map[string]bool{}
		}
		files[name][key(p)] = true
	}
	members := map[string][]int{}
	for i, p := range t.places {
		name := inert(p.function)
		if p == rest {
			continue
		}
		if !p.named && (len(files[name]) > 1 || name == Other || asked[name]) {
			name = inert(inert(name)[:min(len(name), maxText/2)] + " (" + lastParts(key(p)) + ")")
		}
		members[name] = append(members[name], i)
	}
	return members
}

// choose returns the names of those sites that were asked for, and of at most [MaxSites] others, the most bytes first: those with the most
// bytes, the most live bytes at the end and at any time, and the most allocations, in turn, for a
// leak may be small.
func (t *tallies) choose(members map[string][]int) []string {
	type figures struct{ bytes, live, high, allocations int64 }
	of := map[string]figures{}
	for name, places := range members {
		var f figures
		for _, place := range places {
			now := t.now[place]
			f.bytes, f.live, f.allocations = f.bytes+now.bytes, f.live+now.liveBytes, f.allocations+now.allocations
			f.high += t.high[place]
		}
		of[name] = f
	}
	var orders [][]string
	for _, figure := range []func(figures) int64{
		func(f figures) int64 { return f.bytes },
		func(f figures) int64 { return f.live },
		func(f figures) int64 { return f.high },
		func(f figures) int64 { return f.allocations },
	} {
		some := slices.DeleteFunc(slices.Collect(maps.Keys(of)), func(name string) bool { return figure(of[name]) == 0 })
		slices.SortFunc(some, func(a, b string) int {
			return cmp.Or(cmp.Compare(figure(of[b]), figure(of[a])), cmp.Compare(a, b))
		})
		orders = append(orders, some)
	}
	chosen := map[string]bool{}
	for _, n := range t.names.list {
		if name := inert(n.Site); members[name] != nil {
			chosen[name] = true
		}
	}
	most := MaxSites + len(chosen)
	for rank := range most {
		for _, order := range orders {
			if rank < len(order) && len(chosen) < most {
				chosen[order[rank]] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(chosen), func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b].bytes, of[a].bytes), cmp.Compare(of[b].high, of[a].high), cmp.Compare(a, b))
	})
}

// main is the place of the most bytes.
func (t *tallies) main(places []int) place {
	return t.places[slices.MaxFunc(places, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.now[a].bytes, t.now[b].bytes), cmp.Compare(t.now[a].liveBytes, t.now[b].liveBytes),
			cmp.Compare(t.places[b].line, t.places[a].line))
	})]
}
