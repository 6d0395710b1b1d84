"""Muon for matrices, Adam for the rest, with fp32 master copies of bf16 weights.

Muon (Jordan et al., 2024): the momentum of each matrix is replaced by the nearest orthogonal matrix, found by five
Newton-Schulz steps, which are done for all matrices of one shape at once, each worker taking its part of them.
"""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn


def _orthogonal(batch: Tensor) -> Tensor:
    """The nearest orthogonal matrices of a batch (bf16), the same on every worker."""
    worker, workers = distributed.get_rank(), distributed.get_world_size()
    result = torch.zeros_like(batch, dtype=torch.bfloat16)
    own = slice(len(batch) * worker // workers, len(batch) * (worker + 1) // workers)
    x = batch[own].bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    result[own] = x
    distributed.all_reduce(result)
    return result.float()


class Optimizer:
    """Steps the bf16 parameters of `network`, whose gradients are the same on every worker of the process group.

    `rate` scales both learning rates (1 = the peak).
    """

    def __init__(self, network: nn.Module, muon_rate: float, adam_rate: float) -> None:
        self.muon_rate, self.adam_rate, self.steps = muon_rate, adam_rate, 0
        self.parameters = dict(network.named_parameters())
        self.master = {name: p.detach().float().clone() for name, p in self.parameters.items()}
        self.first = {name: torch.zeros_like(p) for name, p in self.master.items()}
        self.groups: dict[tuple[int, int], list[str]] = {}
        self.plain: list[str] = []
        for name, tensor in self.master.items():
            if tensor.dim() == 2 and name != "embedding":
                wide = (min(tensor.shape), max(tensor.shape))
                self.groups.setdefault(wide, []).append(name)
            else:
                self.plain.append(name)
        self.second = {name: torch.zeros_like(self.master[name]) for name in self.plain}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update from the gradients in place, which are cleared."""
        self.steps += 1
        gradients = {name: p.grad.float() for name, p in self.parameters.items() if p.grad is not None}
        for names in self.groups.values():
            ready = []
            for name in names:
                momentum = self.first[name]
                momentum.lerp_(gradients[name], 0.05)
                update = gradients[name].lerp(momentum, 0.95)
                ready.append(update if update.shape[0] <= update.shape[1] else update.mT)
            for name, update in zip(names, _orthogonal(torch.stack(ready)), strict=True):
                master = self.master[name]
                scale = max(1.0, master.shape[0] / master.shape[1]) ** 0.5
                master.add_(update if master.shape == update.shape else update.mT, alpha=-self.muon_rate * rate * scale)
        for name in self.plain:
            self.first[name].lerp_(gradients[name], 0.1)
            self.second[name].lerp_(gradients[name].square(), 0.05)
            first = self.first[name] / (1 - 0.9**self.steps)
            second = self.second[name] / (1 - 0.95**self.steps)
            self.master[name].addcdiv_(first, second.sqrt().add_(1e-8), value=-self.adam_rate * rate)
        for name, parameter in self.parameters.items():
            parameter.copy_(self.master[name])
            parameter.grad = None

    def state_dict(self) -> dict[str, object]:
        """All that is needed to go on after a restart."""
        return {"steps": self.steps, "master": self.master, "first": self.first, "second": self.second}

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, object]) -> None:
        """Takes over what `state_dict` gave, the network's weights included."""
        self.steps = state["steps"]  # type: ignore[assignment]
        for kind in ("master", "first", "second"):
            for name, tensor in state[kind].items():  # type: ignore[attr-defined]
                getattr(self, kind)[name].copy_(tensor)
        for name, parameter in self.parameters.items():
            parameter.copy_(self.master[name])
