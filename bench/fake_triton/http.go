package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// api is the same engine behind OpenAI's streamed chat completions, for gateways that speak nothing else.
type api struct {
	engine *engine
	texts  map[int32]string
}

// readWords reads a line for each id: the id, a tab, its text.
func readWords(file string) map[int32]string {
	texts := map[int32]string{}
	data, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		number, text, _ := strings.Cut(line, "\t")
		id, err := strconv.ParseInt(number, 10, 32)
		if err != nil {
			log.Fatalf("--words: %v", err)
		}
		texts[int32(id)] = text
	}
	return texts
}

// serveHTTP serves on a free port, which it prints.
func serveHTTP(e *engine, words string) {
	a := &api{engine: e, texts: readWords(words)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", a.chat)
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		fmt.Fprint(w, `{"object":"list","data":[{"id":"tokenloom-mini","object":"model","created":0,"owned_by":"fake"}]}`)
	})
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, mux))
}

func (a *api) chat(w http.ResponseWriter, r *http.Request) {
	var body struct {
		MaxTokens int `json:"max_tokens"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.MaxTokens < 1 {
		http.Error(w, "max_tokens: must be at least 1", http.StatusBadRequest)
		return
	}
	w.Header().Set("content-type", "text/event-stream")
	flush := http.NewResponseController(w)
	e := a.engine
	e.Streams.Add(1)
	e.Active.Add(1)
	defer e.Active.Add(-1)
	phase := time.Duration(0)
	if e.phase {
		phase = time.Duration(rand.Float64() * float64(e.interval))
	}
	due := nanotime() + int64(e.prefill+phase)
	const chunk = `data: {"id":"chatcmpl-fake","object":"chat.completion.chunk","created":0,"model":"tokenloom-mini",` +
		`"choices":[{"index":0,"delta":{"content":%q},"logprobs":null,"finish_reason":null}]}` + "\n\n"
	for at := range body.MaxTokens {
		jitter := (rand.Float64()*2 - 1) * e.jitter * float64(e.interval)
		if wait := due + int64(jitter) - nanotime(); wait > 0 {
			time.Sleep(time.Duration(wait))
		}
		due += int64(e.interval)
		if e.clock > 0 {
			at = int(nanotime() / e.clock)
		}
		if _, err := fmt.Fprintf(w, chunk, a.texts[e.ids[at%len(e.ids)]]); err != nil || flush.Flush() != nil {
			e.Cancelled.Add(1)
			return
		}
		e.Tokens.Add(1)
	}
	fmt.Fprint(w, `data: {"id":"chatcmpl-fake","object":"chat.completion.chunk","created":0,"model":"tokenloom-mini",`+
		`"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}`+"\n\ndata: [DONE]\n\n")
}
