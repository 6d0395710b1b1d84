"""The network while it is trained: Qwen3's architecture in plain torch, faster on a CPU than the library's.

`to_checkpoint` writes it as Hugging Face's Qwen3ForCausalLM, which computes the same function.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from training.tokenizer import CONTEXT, END, PAD

# Rows longer than this use fused attention, shorter ones plain products, which are faster there.
LONG = 640


@dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    vocabulary: int
    width: int = 192
    layers: int = 6
    heads: int = 3
    head_width: int = 64
    hidden: int = 512
    theta: float = 10_000.0
    epsilon: float = 1e-5


class Block(nn.Module):
    """One layer: attention with normalised queries and keys, then SwiGLU."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        inner = shape.heads * shape.head_width
        self.shape = shape
        self.attention_norm = nn.Parameter(torch.ones(shape.width))
        self.query_norm = nn.Parameter(torch.ones(shape.head_width))
        self.key_norm = nn.Parameter(torch.ones(shape.head_width))
        self.mlp_norm = nn.Parameter(torch.ones(shape.width))
        self.query = nn.Parameter(torch.empty(inner, shape.width))
        self.key = nn.Parameter(torch.empty(inner, shape.width))
        self.value = nn.Parameter(torch.empty(inner, shape.width))
        self.out = nn.Parameter(torch.empty(shape.width, inner))
        self.gate = nn.Parameter(torch.empty(shape.hidden, shape.width))
        self.up = nn.Parameter(torch.empty(shape.hidden, shape.width))
        self.down = nn.Parameter(torch.empty(shape.width, shape.hidden))

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor | None) -> Tensor:
        """x: (rows, tokens, width); `mask` is added to the attention scores, None for long rows."""
        shape = self.shape
        rows, tokens, width = x.shape
        y = F.rms_norm(x, (width,), self.attention_norm, shape.epsilon)
        packed = F.linear(y, torch.cat((self.query, self.key, self.value)))
        packed = packed.view(rows, tokens, 3, shape.heads, shape.head_width).permute(2, 0, 3, 1, 4)
        normal = F.rms_norm(packed[:2], (shape.head_width,), None, shape.epsilon)
        # The norms' weights (and the scale of the scores) go into the tables of the rotation, which saves two passes.
        scale = torch.tensor((shape.head_width**-0.5, 1.0), dtype=x.dtype)[:, None, None, None, None]
        weight = torch.stack((self.query_norm, self.key_norm))[:, None, None, None, :] * scale
        first, second = normal.chunk(2, dim=-1)
        turned = torch.cat((-second, first), dim=-1)
        query, key = normal * (weight * cosine) + turned * (weight.roll(shape.head_width // 2, -1) * sine)
        if mask is None:
            y = F.scaled_dot_product_attention(query, key, packed[2], is_causal=True, scale=1.0)
        else:
            y = torch.softmax(query @ key.mT + mask, dim=-1) @ packed[2]
        x = x + F.linear(y.transpose(1, 2).reshape(rows, tokens, -1), self.out)
        y = F.rms_norm(x, (width,), self.mlp_norm, shape.epsilon)
        gate, up = F.linear(y, torch.cat((self.gate, self.up))).chunk(2, dim=-1)
        return x + F.linear(F.silu(gate) * up, self.down)


class Network(nn.Module):
    """The whole network; embedding and output share one matrix."""

    cosine: Tensor
    sine: Tensor

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.empty(shape.vocabulary, shape.width))
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if parameter.dim() == 2:
                    scale = 0.02 if name == "embedding" else parameter.shape[1] ** -0.5
                    if name.endswith((".out", ".down")):
                        scale *= 0.1
                    parameter.normal_(0.0, scale, generator=generator)
        frequencies = shape.theta ** (-torch.arange(0, shape.head_width, 2).float() / shape.head_width)
        angles = torch.outer(torch.arange(CONTEXT).float(), frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)

    def forward(self, tokens: Tensor, wanted: Tensor) -> Tensor:
        """Logits at the positions where `wanted` (flat indices into rows x tokens) points: (wanted, vocabulary)."""
        x = F.embedding(tokens, self.embedding)
        cosine = self.cosine[: tokens.shape[1]].to(x.dtype)
        sine = self.sine[: tokens.shape[1]].to(x.dtype)
        mask = None
        if tokens.shape[1] <= LONG:
            mask = torch.full((tokens.shape[1],) * 2, float("-inf"), dtype=x.dtype).triu(1)
        for block in self.blocks:
            x = block(x, cosine, sine, mask)
        x = F.rms_norm(x.flatten(0, 1)[wanted], (x.shape[-1],), self.norm, self.shape.epsilon)
        return F.linear(x, self.embedding)


_NAMES = {
    "attention_norm": "input_layernorm",
    "query_norm": "self_attn.q_norm",
    "key_norm": "self_attn.k_norm",
    "mlp_norm": "post_attention_layernorm",
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "out": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}


def to_checkpoint(weights: dict[str, Tensor], shape: Shape, directory: Path) -> None:
    """Writes fp32 `weights` (as `Network.state_dict` names them) as a Hugging Face checkpoint (no tokenizer)."""
    from transformers import GenerationConfig, Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(  # type: ignore[call-arg]
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        head_dim=shape.head_width,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=shape.epsilon,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": shape.theta},
        pad_token_id=PAD,
        eos_token_id=END,
        bos_token_id=None,
        attention_bias=False,
        use_sliding_window=False,
    )
    model = Qwen3ForCausalLM(config).float()  # type: ignore[no-untyped-call]
    state = {"model.embed_tokens.weight": weights["embedding"], "model.norm.weight": weights["norm"]}
    for name, tensor in weights.items():
        if name.startswith("blocks."):
            _, layer, part = name.split(".")
            state[f"model.layers.{layer}.{_NAMES[part]}.weight"] = tensor
    state["lm_head.weight"] = weights["embedding"]
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=END, pad_token_id=PAD, do_sample=False, max_new_tokens=512
    )
    model.save_pretrained(directory)
