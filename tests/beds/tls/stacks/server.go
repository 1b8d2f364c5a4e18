// Go's crypto/tls, one listener for each entry of the JSON file that is named: answers 401 to everything.
package main

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
)

type entry struct {
	Address, Chain, Key string
	Oldest, Newest      uint16
	Suites              []uint16
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var entries []entry
	if err := json.Unmarshal(text, &entries); err != nil {
		panic(err)
	}
	refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	ended := make(chan error)
	for _, one := range entries {
		settings := &tls.Config{MinVersion: one.Oldest, MaxVersion: one.Newest, CipherSuites: one.Suites}
		server := &http.Server{Addr: one.Address, Handler: refuse, TLSConfig: settings}
		go func() { ended <- server.ListenAndServeTLS(one.Chain, one.Key) }()
	}
	panic(<-ended)
}
