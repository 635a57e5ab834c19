package run

import (
	"fmt"
	"path/filepath"
)

// beginRemote has the samples of the run sent to a server, too.
func (r *runner) beginRemote() {
	if r.Remote == nil {
		return
	}
	shard := ""
	if r.Shard != nil {
		shard = fmt.Sprint(r.Shard.Index)
	}
	r.store.Tee(r.Remote.Take)
	r.Remote.Begin(filepath.Base(r.Dir), shard)
}

// endRemote sends what is left. What a server did not take is in the evidence all the same.
func (r *runner) endRemote() {
	if r.Remote == nil {
		return
	}
	if err := r.Remote.Close(); err != nil {
		r.note("%v", err)
		r.say("%v", err)
	}
}
