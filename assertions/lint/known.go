package lint

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/contract"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Unknown lists the metrics that the assertions read and none of the shipped contracts has, each
// where it is read: for a target that has such a contract, the name is a mistake, most likely. The
// client's own series are not looked at.
func Unknown(list []assertions.Assertion) (diag.List, error) {
	known, ignored, err := promised()
	if err != nil {
		return nil, err
	}
	var found diag.List
	for _, a := range list {
		for _, q := range a.About().Queries {
			found = append(found, q.Unknown(known, ignored)...)
		}
	}
	return found, nil
}

// promised lists the metrics of the shipped contracts, and the patterns of those that they say
// nothing about.
func promised() (known []string, ignored []diag.Pattern, err error) {
	files, err := fs.Glob(packs.Shipped(), "contracts/*.yaml")
	if err != nil {
		return nil, nil, err
	}
	all := map[string]bool{}
	for _, file := range files {
		c, err := contract.Load(packs.Shipped(), file)
		if err != nil {
			return nil, nil, fmt.Errorf("shipped contract: %w", err)
		}
		ignored = append(ignored, c.Ignore...)
		for name, p := range c.Families {
			for _, metric := range (facts.Family{Name: name, Type: p.Type}).MetricNames() {
				all[metric] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all)), ignored, nil
}
