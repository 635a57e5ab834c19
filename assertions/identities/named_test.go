package identities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

// What brrtload did itself is known: a difference that is as many is named.
func TestADifferenceIsNamed(t *testing.T) {
	const hits = `
brrtload_scrapes_total{endpoint="target"} 2+2x25
brrtload_hits_total{request="list",outcome="answered",status="200"} 0+8x25
brrtload_hits_total{request="order",outcome="answered",status="200"} 0+5x25
brrtload_hits_total{request="no route",outcome="answered",status="404"} 0+3x25
brrtload_hits_total{request="gone",outcome="answered",status="404"} 0+1x25
`
	const total, byStatus = `{id: i, client: 'sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))', server: 'sum(increase(x_total[range()] anchored))'}`,
		`{id: i, client: 'sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))', server: 'sum by (status) (increase(x_total[range()] anchored))'}`
	for name, row := range map[string]struct {
		text, server string
		want         string
	}{
		"scrapes, which a label tells": {total, `x_total{status="200",path="/a"} 0+17x25
x_total{status="200",path="/metrics"} 0+2x25`,
			`does not fit: the client counted 340, the server 380; +40 is the number of scrapes, which the service counts too: leave them out with {path!="/metrics"}`},
		"scrapes, of which one was cut short before it was counted": {total, `x_total{status="200",path="/a"} 0+17x25
x_total{status="200",path="/metrics"} 0+2x19 39x5
brrtload_scrapes_failed_total{endpoint="target",answered="no"} 0x19 1x5`,
			`does not fit: the client counted 340, the server 379; +39 is the number of scrapes, which the service counts too: leave them out with {path!="/metrics"}`},
		"scrapes by status": {byStatus, `x_total{status="200"} 0+15x25
x_total{status="404"} 0+4x25`,
			`does not fit: status="200": the client counted 260, the server 300; +40 is the number of scrapes, which the service counts too: leave them out with {path!="/metrics"}`},
		"a request that is not counted": {total, `x_total{status="200"} 0+14x25`,
			`untruthful: the client counted 340, the server 280; -60 is the number of hits of request "no route", which the service does not count`},
		"two requests": {total, `x_total{status="200"} 0+11x25`,
			`untruthful: the client counted 340, the server 220; -120 is the number of hits of request "gone" and request "order", which the service does not count`},
		"a status, of which there are two requests": {byStatus, `x_total{status="200"} 0+13x25`,
			`untruthful: status="404": the client counted 80, the server 0; -80 is the number of hits of request "gone" and request "no route", which the service does not count`},
		"a request that is counted twice": {total, `x_total{status="200"} 0+22x25`,
			`untruthful: the client counted 340, the server 440; +100 is the number of hits of request "order": does the service count them twice?`},
		"nothing is as many": {total, `x_total{status="200"} 0+20.5x25`,
			`untruthful: the client counted 340, the server 280`},
		"a few in the wrong place are not named": {byStatus, `x_total{status="200"} 0+16x25
x_total{status="404"} 0+1x25`,
			`untruthful: status="404": the client counted 80, the server 20`},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, hits+row.server)
			e.Metadata = []facts.Family{{Name: "x_total", Type: "counter", Series: 2, Labels: map[string][]string{"status": {"200", "404"}, "path": {"/a", "/metrics"}}}}
			found := stage.Judge(t, e, "identities: ["+row.text+"]")
			if name == "nothing is as many" {
				require.NotContains(t, found[0], "is the number of")
				return
			}
			require.Contains(t, found, row.want)
		})
	}
}
