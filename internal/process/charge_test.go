package process

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChargeOfAControlGroup(t *testing.T) {
	const two = "anon 1000\nfile 500\nkernel 100\nsock 10\ninactive_file 400\nanon_thp 7\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  Charge
		wrong string
	}{
		"version 2": {map[string]string{"proc/7/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.stat": two,
			"sys/fs/cgroup/a/b/memory.current": "1620\n", "sys/fs/cgroup/a/b/memory.peak": "2000\n"},
			Charge{All: 1620, Anonymous: 1000, File: 500, Idle: 400, Kernel: 110, Peak: 2000}, ""},
		"an older kernel": {map[string]string{"proc/7/cgroup": "0::/\n", "sys/fs/cgroup/memory.stat": "anon 1000\nfile 500\n",
			"sys/fs/cgroup/memory.current": "1620\n"}, Charge{All: 1620, Anonymous: 1000, File: 500}, ""},
		"version 1": {map[string]string{"proc/7/cgroup": "5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n",
			"sys/fs/cgroup/memory/a/memory.stat":                "rss 1\ntotal_cache 500\ntotal_rss 1000\ntotal_inactive_file 300\n",
			"sys/fs/cgroup/memory/a/memory.usage_in_bytes":      "1700\n",
			"sys/fs/cgroup/memory/a/memory.max_usage_in_bytes":  "1800\n",
			"sys/fs/cgroup/memory/a/memory.kmem.usage_in_bytes": "200\n"},
			Charge{All: 1700, Anonymous: 1000, File: 500, Idle: 300, Kernel: 200, Peak: 1800}, ""},
		"the root group": {map[string]string{"proc/7/cgroup": "0::/\n", "sys/fs/cgroup/memory.stat": two}, Charge{},
			"process 7 has no control group with memory"},
		"of another namespace": {map[string]string{"proc/7/cgroup": "0::/../b\n"}, Charge{}, "process 7 has no control group with memory"},
		"no such process":      {nil, Charge{}, "control group of process 7"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, text := range c.files {
				path = filepath.Join(root, path)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			}
			got, err := chargeIn(root, 7)
			if c.wrong != "" {
				require.ErrorContains(t, err, c.wrong)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}
