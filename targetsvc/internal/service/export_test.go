package service

import (
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/security"
)

// ReplaceMatch puts another route matcher instead of the one in force.
func (s *Service) ReplaceMatch(match fault.Match) { s.current.Load().resolve = match }

// ReplaceProviders puts one provider instead of every one in force.
func (s *Service) ReplaceProviders(p security.Provider) {
	for _, e := range s.current.Load().endpoints {
		for _, all := range e.alternatives {
			for i := range all {
				all[i].provider = p
			}
		}
	}
}
