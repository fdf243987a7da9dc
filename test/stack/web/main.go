// The smallest server that shows what a pod reaches: / answers, /dial?to=host:port tries to connect.
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	http.HandleFunc("/dial", func(w http.ResponseWriter, r *http.Request) {
		connection, err := net.DialTimeout("tcp", r.URL.Query().Get("to"), 2*time.Second)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		connection.Close()
		fmt.Fprint(w, "connected")
	})
	http.ListenAndServe(":8080", nil)
}
