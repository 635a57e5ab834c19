package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The cores that the responder and the clients are bound to.
const responderCore, clientCore = "0", "1"

// responder is nginx answering two hundred bytes to everything, and a counter to /metrics.
type responder struct {
	url string
	cmd *exec.Cmd
}

const nginxConfig = `
daemon off; master_process off; worker_processes 1; pid DIR/pid; error_log DIR/error.log;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path DIR/1; proxy_temp_path DIR/2; fastcgi_temp_path DIR/3; uwsgi_temp_path DIR/4; scgi_temp_path DIR/5;
  server {
    listen ADDRESS;
    location = /metrics { default_type "text/plain; version=0.0.4"; return 200 "# TYPE up_total counter\nup_total 1\n"; }
    location / { default_type application/json; return 200 '{"id":12345,"name":"Rex","tag":"dog","text":"BODY"}'; }
  }
}
`

func respond(ctx context.Context, dir string) (*responder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	text := strings.NewReplacer("DIR", dir, "ADDRESS", address, "BODY", strings.Repeat("x", 150)).Replace(nginxConfig)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	r := &responder{
		url: "http://" + address,
		cmd: exec.CommandContext(ctx, "taskset", "-c", responderCore,
			"nginx", "-e", filepath.Join(dir, "error.log"), "-c", config),
	}
	r.cmd.Stderr = os.Stderr
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	for range 200 {
		if response, err := http.Get(r.url); err == nil {
			return r, response.Body.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.stop()
	return nil, fmt.Errorf("nginx does not answer at %s", r.url)
}

func (r *responder) stop() {
	if err := r.cmd.Process.Kill(); err == nil {
		_ = r.cmd.Wait() // it was killed, and says so
	}
}
