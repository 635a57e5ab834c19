package tables

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

func TestShortNamesOfFunctions(t *testing.T) {
	var sites []reports.MemorySite
	for _, f := range []string{"main", "example.com/shop/cart.(*Cart).add", "example.com/a/store.Get", "example.com/b/store.Get",
		"example.com/set.Of[example.com/shop/cart.Item]", "core::fmt::write", "usr/lib/libfoo.so+0x12f"} {
		sites = append(sites, reports.MemorySite{Function: f})
	}
	require.Equal(t, map[string]string{
		"main":                              "main",
		"example.com/shop/cart.(*Cart).add": "cart.(*Cart).add",
		"example.com/a/store.Get":           "example.com/a/store.Get",
		"example.com/b/store.Get":           "example.com/b/store.Get",
		"example.com/set.Of[example.com/shop/cart.Item]": "set.Of[example.com/shop/cart.Item]",
		"core::fmt::write":        "core::fmt::write",
		"usr/lib/libfoo.so+0x12f": "libfoo.so+0x12f",
	}, shortNames(sites))
}
