package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const perConnection = 64 // streams

// newClients gives a maker of clients.
func newClients(c *config) func(int) client {
	if c.kind != "triton" {
		path := c.path
		if c.kind == "conversation" {
			path = ""
		}
		return func(int) client { return &sse{config: c, path: path} }
	}
	var current *channel
	return func(i int) client {
		if i%perConnection == 0 {
			current = dial(c)
		}
		return &call{channel: current}
	}
}

// channel is one HTTP/2 connection to Triton.
type channel struct {
	config *config
	socket net.Conn

	mu      sync.Mutex
	out     bytes.Buffer
	framer  *http2.Framer
	block   bytes.Buffer
	headers *hpack.Encoder
	next    uint32
	calls   map[uint32]*call
}

// call is one stream at a time of ModelStreamInfer.
type call struct {
	channel *channel
	r       *recorder
	buffer  []byte
	done    chan error
}

func dial(c *config) *channel {
	socket, err := net.Dial("tcp", c.address)
	if err != nil {
		log.Fatal(err)
	}
	ch := &channel{config: c, socket: socket, next: 1, calls: map[uint32]*call{}}
	ch.framer = http2.NewFramer(&ch.out, nil)
	ch.headers = hpack.NewEncoder(&ch.block)
	ch.out.WriteString(http2.ClientPreface)
	_ = ch.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	_ = ch.framer.WriteWindowUpdate(0, 1<<30)
	ch.flush()
	go ch.read()
	return ch
}

// flush writes what the framer has made. Called with mu held.
func (ch *channel) flush() {
	_, _ = ch.socket.Write(ch.out.Bytes())
	ch.out.Reset()
}

func (ch *channel) read() {
	framer := http2.NewFramer(io.Discard, bufio.NewReaderSize(ch.socket, 1<<16))
	framer.SetReuseFrames()
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var owed uint32
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			ch.mu.Lock()
			for _, c := range ch.calls {
				c.done <- err
			}
			ch.mu.Unlock()
			return
		}
		now := nanotime()
		ch.mu.Lock()
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = ch.framer.WriteSettingsAck()
			}
		case *http2.PingFrame:
			if !f.IsAck() {
				_ = ch.framer.WritePing(true, f.Data)
			}
		case *http2.DataFrame:
			if owed += f.Length; owed > 1<<20 {
				_ = ch.framer.WriteWindowUpdate(0, owed)
				owed = 0
			}
			if c := ch.calls[f.StreamID]; c != nil {
				c.data(f.Data(), now)
			}
		case *http2.MetaHeadersFrame:
			if c := ch.calls[f.StreamID]; c != nil && f.StreamEnded() {
				delete(ch.calls, f.StreamID)
				c.done <- status(f)
			}
		case *http2.RSTStreamFrame:
			if c := ch.calls[f.StreamID]; c != nil {
				delete(ch.calls, f.StreamID)
				c.done <- fmt.Errorf("reset: %v", f.ErrCode)
			}
		}
		if ch.out.Len() > 0 {
			ch.flush()
		}
		ch.mu.Unlock()
	}
}

func status(f *http2.MetaHeadersFrame) error {
	code, text := "", ""
	for _, field := range f.Fields {
		switch field.Name {
		case "grpc-status":
			code = field.Value
		case "grpc-message":
			text = field.Value
		}
	}
	if code != "0" {
		return errors.New("grpc-status " + code + ": " + text)
	}
	return nil
}

func (c *call) turn(r *recorder) error {
	ch := c.channel
	c.r, c.buffer, c.done = r, nil, make(chan error, 1)
	message := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(ch.config.body)))
	message = append(message, ch.config.body...)
	ch.mu.Lock()
	id := ch.next
	ch.next += 2
	ch.calls[id] = c
	ch.block.Reset()
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", "/inference.GRPCInferenceService/ModelStreamInfer"},
		{":authority", ch.config.address}, {"content-type", "application/grpc"}, {"te", "trailers"},
	} {
		_ = ch.headers.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	r.begin()
	_ = ch.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: id, BlockFragment: ch.block.Bytes(), EndHeaders: true})
	_ = ch.framer.WriteData(id, true, message) // a request of a benchmark fits into one frame
	ch.flush()
	ch.mu.Unlock()
	if err := <-c.done; err != nil {
		return err
	}
	r.ended()
	return nil
}

func (c *call) close() { _ = c.channel.socket.Close() }

// data takes the bytes of a DATA frame: messages of one token each, whose id is their last four bytes.
func (c *call) data(data []byte, now int64) {
	c.buffer = append(c.buffer, data...)
	for len(c.buffer) >= 5 {
		size := int(binary.BigEndian.Uint32(c.buffer[1:]))
		if len(c.buffer) < 5+size {
			return
		}
		message := c.buffer[5 : 5+size]
		if measuring.Load() {
			c.r.events++
		}
		step := int64(-1)
		if c.channel.config.clock > 0 && size >= 4 {
			step = c.step(int32(binary.LittleEndian.Uint32(message[size-4:])))
		}
		c.r.token(now, step, measuring.Load())
		c.buffer = c.buffer[5+size:]
	}
}

// step is what the engine's clock showed for an id.
func (c *call) step(id int32) int64 {
	if step, known := c.channel.config.steps[id]; known {
		return step
	}
	return -1
}
