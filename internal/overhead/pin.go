package overhead

import (
	"fmt"
	"runtime"

	"brrtload/internal/process"
)

// choosePins keeps the arms on one CPU and the harness on the others, where there are two: what the
// harness does then takes nothing from an arm, and an arm does not pay for threads that look for
// work on a second CPU. It gives nil where there is one.
func choosePins() (*Pin, error) {
	cpus, err := process.CPUs()
	if err != nil || len(cpus) < 2 {
		return nil, err
	}
	return &Pin{Arms: cpus[:1], Harness: cpus[1:]}, nil
}

// pin pins the harness, and gives the function that lets it go.
func (p *Pin) pin() (release func() error, err error) {
	if p == nil {
		return func() error { return nil }, nil
	}
	if err := process.Pin(p.Harness); err != nil {
		return nil, err
	}
	procs := runtime.GOMAXPROCS(len(p.Harness))
	all := append(append([]int(nil), p.Arms...), p.Harness...)
	return func() error {
		runtime.GOMAXPROCS(procs)
		return process.Pin(all)
	}, nil
}

// arms returns the CPUs that arms may run on; nil is all.
func (p *Pin) arms() []int {
	if p == nil {
		return nil
	}
	return p.Arms
}

// String reports in words what was kept where.
func (p *Pin) String() string {
	if p == nil {
		return "arms and harness shared all CPUs"
	}
	return fmt.Sprintf("arms were kept on CPU %v, the harness on CPU %v", p.Arms, p.Harness)
}
