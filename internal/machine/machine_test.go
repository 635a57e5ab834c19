package machine

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFactsNameThisMachine(t *testing.T) {
	f := Read()
	require.Equal(t, runtime.NumCPU(), f.CPUs)
	if runtime.GOOS == "linux" {
		require.NotEmpty(t, f.Kernel)
	}
}

func TestStrainIsAShareOfTheTimeBetween(t *testing.T) {
	begin := time.Unix(0, 0)
	before := Strain{at: begin, steal: 10, all: 100, waiting: 1, havePressure: true}
	after := Strain{at: begin.Add(10 * time.Second), steal: 30, all: 300, waiting: 3, havePressure: true}
	steal, pressure := after.Since(before)
	require.InDelta(t, 0.10, steal, 1e-9)
	require.InDelta(t, 0.20, pressure, 1e-9)
	steal, pressure = after.Since(after)
	require.Zero(t, steal+pressure)
}

func TestStrainReadsThisKernel(t *testing.T) {
	if runtime.GOOS != "linux" {
		require.Zero(t, Now().all)
		return
	}
	require.Positive(t, Now().all)
}

func TestVersionHasTheRevisionOnce(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for _, row := range []struct{ module, modified, want string }{
		{"(devel)", "false", "(devel) 0123456789ab"},
		{"(devel)", "true", "(devel) 0123456789ab modified"},
		{"v1.2.0", "false", "v1.2.0 0123456789ab"},
		{"v0.0.0-20261125101651-0123456789ab", "false", "v0.0.0-20261125101651-0123456789ab"},
		{"v0.0.0-20261125101651-0123456789ab+dirty", "true", "v0.0.0-20261125101651-0123456789ab+dirty"},
	} {
		info := debug.BuildInfo{Main: debug.Module{Version: row.module},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: row.modified}}}
		require.Equal(t, row.want, version(info, ""))
	}
	require.Equal(t, "(devel)", version(debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""), "built without a repository")
	require.Equal(t, "v1.2.0", version(debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "v1.2.0"))
}
