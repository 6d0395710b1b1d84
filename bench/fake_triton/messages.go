package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of protos/inference/triton.proto; the few messages are read and written by hand.

// request is what matters of a ModelInferRequest.
type request struct {
	model     string
	id        string
	outputLen int
	streaming bool
	outputs   []string // those asked for; none means all
}

type input struct {
	name     string
	contents []byte
}

// each calls f with every field of a message; value is the bytes of a length-delimited one, number that of a varint.
func each(data []byte, f func(field protowire.Number, value []byte, number uint64) error) error {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(data)
		default:
			n = protowire.ConsumeFieldValue(field, kind, data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := f(field, value, number); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func readRequest(data []byte) (request, error) {
	r := request{}
	var inputs []input
	var raw [][]byte
	err := each(data, func(field protowire.Number, value []byte, _ uint64) error {
		switch field {
		case 1:
			r.model = string(value)
		case 3:
			r.id = string(value)
		case 5:
			in := input{}
			inputs = append(inputs, in)
			last := &inputs[len(inputs)-1]
			return each(value, func(field protowire.Number, value []byte, _ uint64) error {
				if field == 1 {
					last.name = string(value)
				} else if field == 5 {
					last.contents = value
				}
				return nil
			})
		case 6:
			return each(value, func(field protowire.Number, value []byte, _ uint64) error {
				if field == 1 {
					r.outputs = append(r.outputs, string(value))
				}
				return nil
			})
		case 7:
			raw = append(raw, value)
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	if len(raw) != 0 && len(raw) != len(inputs) {
		return r, fmt.Errorf("%d inputs but %d raw_input_contents", len(inputs), len(raw))
	}
	for i, in := range inputs {
		var value uint64
		if len(raw) > 0 {
			for at := min(len(raw[i]), 4) - 1; at >= 0; at-- { // a BOOL is a byte, an INT32 four
				value = value<<8 | uint64(raw[i][at])
			}
		} else if value, err = firstNumber(in.contents); err != nil {
			return r, err
		}
		switch in.name {
		case "request_output_len":
			r.outputLen = int(value)
		case "streaming":
			r.streaming = value != 0
		}
	}
	if r.outputLen < 1 || r.outputLen > math.MaxInt32 {
		return r, errors.New("request_output_len: must be at least 1")
	}
	return r, nil
}

// firstNumber is the first of InferTensorContents' bool_contents or int_contents.
func firstNumber(data []byte) (uint64, error) {
	var first uint64
	err := each(data, func(field protowire.Number, value []byte, number uint64) error {
		if field == 1 || field == 2 {
			first = number
			if value != nil { // packed
				first, _ = protowire.ConsumeVarint(value)
			}
		}
		return nil
	})
	return first, err
}

// reply makes the responses of one stream.
type reply struct {
	streaming bool
	request   request
	more      []byte // a DATA frame with one token
	last      []byte
	idFromEnd int // where the id is: before the other tensors, of tag, length and four bytes each
}

func newReply(r request, stream uint32) reply {
	p := reply{request: r, streaming: r.streaming, idFromEnd: 4}
	for _, name := range []string{"sequence_length", "sequence_index", "batch_index"} {
		if r.wants(name) {
			p.idFromEnd += 6
		}
	}
	frame := func(final bool) []byte {
		body := message(response(r, []int32{0}, final))
		head := []byte{byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body)), 0, 0, 0, 0, 0, 0}
		binary.BigEndian.PutUint32(head[5:], stream)
		return append(head, body...)
	}
	p.more, p.last = frame(false), frame(true)
	return p
}

// one is a DATA frame with one token, valid until the next call.
func (p *reply) one(id int32, final bool) []byte {
	frame := p.more
	if final {
		frame = p.last
	}
	binary.LittleEndian.PutUint32(frame[len(frame)-p.idFromEnd:], uint32(id))
	return frame
}

// all is a message with `count` tokens, for a request that doesn't stream.
func (p *reply) all(ids []int32, count int) []byte {
	out := make([]int32, count)
	for i := range out {
		out[i] = ids[i%len(ids)]
	}
	return message(response(p.request, out, true))
}

func message(body []byte) []byte {
	out := make([]byte, 5, 5+len(body))
	binary.BigEndian.PutUint32(out[1:], uint32(len(body)))
	return append(out, body...)
}

func field(b []byte, number protowire.Number, value []byte) []byte {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendBytes(b, value)
}

// response is a ModelStreamInferResponse with the tensors that the CPU engine sends, output_ids always. raw_output_contents come last, in
// the order of outputs, so that a single token's id is at a fixed distance from the end.
func response(r request, ids []int32, final bool) []byte {
	var infer []byte
	infer = field(infer, 1, []byte(r.model))
	infer = field(infer, 2, []byte("1"))
	if r.id != "" {
		infer = field(infer, 3, []byte(r.id))
	}
	flag := uint64(0)
	if final {
		flag = 1
	}
	value := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), flag)
	infer = field(infer, 4, field(field(nil, 1, []byte("triton_final_response")), 2, value))
	tensor := func(name string, shape ...uint64) {
		out := field(field(nil, 1, []byte(name)), 2, []byte("INT32"))
		var packed []byte
		for _, size := range shape {
			packed = protowire.AppendVarint(packed, size)
		}
		infer = field(infer, 5, field(out, 3, packed))
	}
	tensor("output_ids", 1, 1, uint64(len(ids)))
	raw := make([]byte, 0, 4*len(ids))
	for _, id := range ids {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(id))
	}
	raws := [][]byte{raw}
	for _, name := range []string{"sequence_length", "sequence_index", "batch_index"} {
		if !r.wants(name) {
			continue
		}
		tensor(name, 1, 1)
		value := uint32(0)
		if name == "sequence_length" {
			value = uint32(len(ids))
		}
		raws = append(raws, binary.LittleEndian.AppendUint32(nil, value))
	}
	for _, raw := range raws {
		infer = field(infer, 6, raw)
	}
	return field(nil, 2, infer)
}

// wants says whether the request asks for an output.
func (r request) wants(name string) bool {
	return len(r.outputs) == 0 || slices.Contains(r.outputs, name)
}

// unary answers the calls that aren't streams; false for a call that isn't served.
func unary(path string, request []byte) ([]byte, bool) {
	yes := []byte{1 << 3, 1} // field 1, true
	switch path {
	case "/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/ServerReady",
		"/inference.GRPCInferenceService/ModelReady":
		return yes, true
	case "/inference.GRPCInferenceService/RepositoryModelLoad", "/inference.GRPCInferenceService/RepositoryModelUnload":
		return nil, true
	case "/inference.GRPCInferenceService/ModelMetadata":
		name := []byte("tensorrt_llm")
		_ = each(request, func(field protowire.Number, value []byte, _ uint64) error {
			if field == 1 {
				name = append([]byte(nil), value...)
			}
			return nil
		})
		return metadata(name), true
	}
	return nil, false
}

// metadata is a ModelMetadataResponse with the tensors of triton_models/cpu/tensorrt_llm/config.pbtxt.
func metadata(name []byte) []byte {
	var out []byte
	out = field(out, 1, name)
	out = field(out, 2, []byte("1"))
	out = field(out, 3, []byte("python"))
	minusOne := ^uint64(0)
	tensor := func(number protowire.Number, name, kind string, shape ...uint64) {
		t := field(field(nil, 1, []byte(name)), 2, []byte(kind))
		packed := protowire.AppendVarint(nil, minusOne) // the batch
		for _, size := range shape {
			packed = protowire.AppendVarint(packed, size)
		}
		out = field(out, number, field(t, 3, packed))
	}
	tensor(4, "input_ids", "INT32", minusOne)
	for _, in := range [][2]string{
		{"input_lengths", "INT32"}, {"request_output_len", "INT32"}, {"num_return_sequences", "INT32"},
		{"end_id", "INT32"}, {"pad_id", "INT32"}, {"beam_width", "INT32"}, {"temperature", "FP32"},
		{"runtime_top_k", "INT32"}, {"runtime_top_p", "FP32"}, {"min_p", "FP32"}, {"repetition_penalty", "FP32"},
		{"presence_penalty", "FP32"}, {"frequency_penalty", "FP32"}, {"min_tokens", "INT32"}, {"seed", "UINT64"},
		{"return_log_probs", "BOOL"}, {"exclude_input_in_output", "BOOL"}, {"stop", "BOOL"}, {"streaming", "BOOL"},
	} {
		tensor(4, in[0], in[1], 1)
	}
	tensor(5, "output_ids", "INT32", minusOne, minusOne)
	tensor(5, "sequence_length", "INT32", minusOne)
	tensor(5, "cum_log_probs", "FP32", minusOne)
	tensor(5, "output_log_probs", "FP32", minusOne, minusOne)
	tensor(5, "batch_index", "INT32", 1)
	tensor(5, "sequence_index", "INT32", 1)
	return out
}
