package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// sse makes streamed requests on one kept-alive HTTP/1.1 connection.
type sse struct {
	config *config
	socket net.Conn
	in     *bufio.Reader
	path   string // of the conversation, or the route
	said   int    // turns in this conversation
	line   []byte // an unfinished line of the answer
	mid    bool   // an answer is on its way
}

var (
	content    = []byte(`"content":"`)
	completion = []byte(`"completion_tokens":`)
)

func (s *sse) connect() error {
	if s.socket != nil {
		return nil
	}
	socket, err := net.Dial("tcp", s.config.address)
	if err != nil {
		return err
	}
	s.socket, s.in = socket, bufio.NewReaderSize(socket, 1<<14)
	return nil
}

func (s *sse) close() {
	if s.socket != nil {
		_ = s.socket.Close()
	}
}

func (s *sse) turn(r *recorder) error {
	err := s.ask(r)
	if err != nil && s.socket != nil {
		_ = s.socket.Close()
		s.socket = nil
	}
	return err
}

func (s *sse) ask(r *recorder) error {
	if err := s.connect(); err != nil {
		return err
	}
	if s.config.kind == "conversation" && (s.path == "" || s.said >= s.config.turns) {
		if err := s.converse(); err != nil {
			return err
		}
	}
	r.begin()
	if err := s.post(s.path, s.config.body); err != nil {
		return err
	}
	size, err := s.head()
	if err != nil {
		return err
	}
	if size >= 0 {
		body := make([]byte, size)
		_, _ = io.ReadFull(s.in, body)
		return fmt.Errorf("no stream: %s", body)
	}
	done := false
	if err := s.chunks(func(data []byte) error {
		now := nanotime()
		return s.events(data, func(event []byte) error {
			switch {
			case bytes.Equal(event, []byte("[DONE]")):
				done = true
			case bytes.HasPrefix(event, []byte(`{"error"`)):
				return errors.New(string(event))
			default:
				if at := bytes.Index(event, completion); at >= 0 && len(s.config.words) == 0 {
					r.usage(event[at+len(completion):])
				}
				if at := bytes.Index(event, content); at >= 0 {
					text := event[at+len(content):]
					if text = text[:max(bytes.IndexByte(text, '"'), 0)]; len(text) > 0 {
						r.text(text, now)
					}
				}
			}
			return nil
		})
	}); err != nil {
		return err
	}
	if !done {
		return errors.New("the answer has no [DONE]")
	}
	s.said++
	r.ended()
	return nil
}

// converse begins a conversation.
func (s *sse) converse() error {
	if err := s.post("/chat", []byte("{}")); err != nil {
		return err
	}
	size, err := s.head()
	if err != nil {
		return err
	}
	body := make([]byte, max(size, 0))
	if _, err := io.ReadFull(s.in, body); err != nil {
		return err
	}
	var made struct{ ID string }
	if err := json.Unmarshal(body, &made); err != nil || made.ID == "" {
		return fmt.Errorf("no conversation: %s", body)
	}
	s.path, s.said = "/chat/"+made.ID+"/completion", 0
	return nil
}

func (s *sse) post(path string, body []byte) error {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		path, s.config.address, len(body))
	_, err := s.socket.Write(append([]byte(head), body...))
	return err
}

// head reads an answer's head; the size of its body, or -1 when it is chunked.
func (s *sse) head() (int, error) {
	size := -1
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		if line == "\r\n" {
			return size, nil
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if strings.EqualFold(name, "content-length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
}

// chunks hands over the chunks of a body.
func (s *sse) chunks(take func([]byte) error) error {
	var body []byte
	for {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if cap(body) < int(size)+2 {
			body = make([]byte, size+2)
		}
		body = body[:size+2]
		if _, err := io.ReadFull(s.in, body); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
		if err := take(body[:size]); err != nil {
			return err
		}
	}
}

// events hands over the data of server-sent events, which may be cut anywhere.
func (s *sse) events(data []byte, take func([]byte) error) error {
	s.line = append(s.line, data...)
	rest := s.line
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line := bytes.TrimRight(rest[:end], "\r")
		rest = rest[end+1:]
		if event, is := bytes.CutPrefix(line, []byte("data:")); is {
			if err := take(bytes.TrimPrefix(event, []byte(" "))); err != nil {
				return err
			}
		}
	}
	s.line = append(s.line[:0], rest...)
	return nil
}
