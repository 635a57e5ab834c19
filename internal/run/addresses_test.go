package run

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/scrape"
)

func TestEachAddressOfANameIsAnEndpoint(t *testing.T) {
	lookup := func(_ context.Context, network, host string) ([]netip.Addr, error) {
		switch network + " " + host {
		case "ip4 shop.internal":
			return []netip.Addr{netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}, nil
		case "ip6 only.internal":
			return []netip.Addr{netip.MustParseAddr("::1")}, nil
		}
		return nil, errors.New("no such host")
	}
	given := []scrape.Target{{Name: "one", URL: "http://127.0.0.1:9100/metrics"},
		{Name: "shop", URL: "http://shop.internal:9100/metrics", EachAddress: true},
		{Name: "six", URL: "http://only.internal/metrics", EachAddress: true}}
	got, err := resolved(t.Context(), given, lookup)
	require.NoError(t, err)
	var names, addresses []string
	for _, one := range got {
		names, addresses = append(names, one.Name), append(addresses, one.Address)
		require.Equal(t, one.Address != "", one.Labels.Get("endpoint") == one.Name)
	}
	require.Equal(t, []string{"one", "shop-127.0.0.2", "shop-127.0.0.3", "six-::1"}, names)
	require.Equal(t, []string{"", "127.0.0.2", "127.0.0.3", "::1"}, addresses)
	require.Equal(t, "http://shop.internal:9100/metrics", got[1].URL, "the name stays in the Host field and in TLS")

	_, err = resolved(t.Context(), []scrape.Target{{Name: "gone", URL: "http://gone.internal/", EachAddress: true}}, lookup)
	require.EqualError(t, err, "endpoint gone: resolve gone.internal: no such host")
}
