package memory

import (
	"errors"
	"time"
)

// fetched is what several profiles of one process add up to.
type fetched struct {
	start time.Time
	last  *heap
	now   map[int]tally // by place
	all   *tallies
	names []Name
	alive bool // a profile has live allocations alone
}

// add takes in the next profile. Profiles must be in order of time.
func (f *fetched) add(at time.Time, h *heap) error {
	if f.all == nil {
		f.start, f.all = at, newTallies(f.names...)
	}
	if f.last != nil && (f.last.Period != h.Period || f.last.text != h.text) {
		return errors.New("it is of another kind than the profiles before: another process was asked, or one with other settings")
	}
	before, total := f.now, f.all.total
	f.now = map[int]tally{}
	for _, s := range h.Sample {
		place := f.all.atStack(frames(s), h.site)
		sum := f.now[place]
		sum.add(h.tally(s))
		f.now[place] = sum
	}
	for place, sum := range f.now {
		f.all.add(place, sum.minus(before[place]))
	}
	for place, sum := range before {
		if _, still := f.now[place]; !still {
			f.all.add(place, tally{}.minus(sum))
		}
	}
	f.last, f.alive = h, f.alive || h.bytes < 0
	if !f.alive && f.all.total.bytes < total.bytes {
		return errors.New("it counts fewer bytes than the profile before: the process was restarted, or several answer in turn")
	}
	f.all.keep(at.Sub(f.start))
	return nil
}

func (t tally) minus(o tally) tally {
	return tally{t.allocations - o.allocations, t.bytes - o.bytes, t.live - o.live, t.liveBytes - o.liveBytes}
}

// profile returns what the profiles add up to.
func (f *fetched) profile() Profile {
	p := f.all.profile(Pprof)
	p.Start, p.Peak, p.Sampled, p.Unseen = f.start, 0, f.last.sampled(), f.last.unseen(f.alive)
	if !f.alive {
		return p
	}
	onlyLiveOnes(p.Total)
	for _, s := range p.Sites {
		onlyLiveOnes(s.Points)
	}
	return p
}

// onlyLiveOnes makes unknown what not all profiles have.
func onlyLiveOnes(points []Point) {
	for i := range points {
		points[i].Allocations, points[i].Bytes = Unknown, Unknown
	}
}
