package run

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/scrape"
)

// maxAddresses bounds the addresses of one name.
const maxAddresses = 100

// lookup is that of a resolver: the addresses of a host in a network, ip4 or ip6.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// resolved returns the endpoints with those of names replaced by one for each address, as they are
// now: named NAME-ADDRESS, in the order of the addresses. The name stays in the URL, and so in the
// Host field and in TLS. Of a name with addresses of both families those of IPv4 count: each
// process has one of either, and would be counted twice.
func resolved(ctx context.Context, targets []scrape.Target, lookup lookup) ([]scrape.Target, error) {
	var all []scrape.Target
	for _, t := range targets {
		if !t.EachAddress {
			all = append(all, t)
			continue
		}
		u, err := url.Parse(t.URL)
		if err != nil {
			return nil, fmt.Errorf("endpoint %s: invalid URL", t.Name)
		}
		addresses, err := lookup(ctx, "ip4", u.Hostname())
		if err != nil || len(addresses) == 0 {
			addresses, err = lookup(ctx, "ip6", u.Hostname())
		}
		if err != nil {
			return nil, fmt.Errorf("endpoint %s: resolve %s: %w", t.Name, u.Hostname(), err)
		}
		slices.SortFunc(addresses, netip.Addr.Compare)
		addresses = slices.Compact(addresses)
		if len(addresses) > maxAddresses {
			return nil, fmt.Errorf("endpoint %s: %s has %d addresses; %d at most", t.Name, u.Hostname(), len(addresses),
				maxAddresses)
		}
		for _, address := range addresses {
			one := t
			one.Way, one.Address = nil, address.Unmap().String()
			one.Name = t.Name + "-" + one.Address
			one.Labels = labels.FromStrings("endpoint", one.Name)
			all = append(all, one)
		}
	}
	return all, nil
}
