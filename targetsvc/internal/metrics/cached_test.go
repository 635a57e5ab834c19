//go:build !notelemetry

package metrics

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

func TestAnExpositionIsRebuiltOncePerPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, count := prometheus.NewRegistry(), prometheus.NewCounter(prometheus.CounterOpts{Name: "work_total"})
		registry.MustRegister(count)
		c := Cached(time.Second, registry)
		shown := func() float64 {
			families, err := c.Gather()
			require.NoError(t, err)
			return families[0].Metric[0].Counter.GetValue()
		}
		require.Zero(t, shown())
		count.Inc()
		time.Sleep(900 * time.Millisecond)
		require.Zero(t, shown())
		time.Sleep(100 * time.Millisecond)
		require.Equal(t, 1.0, shown())
	})
}
