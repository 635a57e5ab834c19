package fault

import (
	"strconv"
	"sync/atomic"
	"time"
)

// setting is a fault and its value; a nil value means that it is off.
type setting struct {
	fault Fault
	value atomic.Pointer[string]
}

func (s *setting) on() bool { return s.value.Load() != nil }

// duration gives the value as a time, 0 when the fault is off. Enable has checked the text.
func (s *setting) duration() time.Duration {
	if text := s.value.Load(); text != nil {
		d, _ := time.ParseDuration(*text)
		return d
	}
	return 0
}

// count gives the value as a number, 0 when the fault is off.
func (s *setting) count() uint64 {
	if text := s.value.Load(); text != nil {
		n, _ := strconv.ParseUint(*text, 10, 32)
		return n
	}
	return 0
}

func isDuration(text string) error {
	_, err := time.ParseDuration(text)
	return err
}

func isCount(text string) error {
	n, err := strconv.ParseUint(text, 10, 32)
	if err == nil && n == 0 {
		return strconv.ErrRange
	}
	return err
}
