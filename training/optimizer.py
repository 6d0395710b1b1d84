"""Muon for matrices, Adam for the rest, with fp32 master copies of bf16 weights, in memory that the workers share.

Muon (Jordan et al., 2024): the momentum of each matrix is replaced by the nearest orthogonal matrix, found by five
Newton-Schulz steps, which are done for all matrices of one shape at once. Each worker steps its part of the weights.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, distributed, nn


class Memory:
    """The weights, each worker's gradients and the optimizer's state, each one flat tensor that all processes share.

    What Adam steps comes first, then the matrices, those of one shape side by side.
    """

    def __init__(self, network: nn.Module, workers: int) -> None:
        named = dict(network.named_parameters())
        muon = {name: tuple(p.shape) if p.dim() == 2 and name != "embedding" else () for name, p in named.items()}
        order = sorted(named, key=lambda name: muon[name])
        self.shapes = {name: tuple(named[name].shape) for name in order}
        self.groups = {shape: sum(prod(self.shapes[n]) for n in order if muon[n] == shape) for shape in muon.values()}
        self.master = torch.cat([named[name].detach().float().flatten() for name in order]).share_memory_()
        self.first = torch.zeros_like(self.master).share_memory_()
        self.second = torch.zeros_like(self.master).share_memory_()
        self.weights = self.master.bfloat16().share_memory_()
        self.gradients = torch.zeros(workers, len(self.master), dtype=torch.bfloat16).share_memory_()

    def named(self, flat: Tensor) -> dict[str, Tensor]:
        """Views of a flat tensor by the names of the parameters."""
        parts = flat.split([prod(shape) for shape in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}


def _orthogonal(batch: Tensor) -> Tensor:
    """The nearest orthogonal matrices of a batch, none of them higher than wide."""
    x = batch.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.float()


class Optimizer:
    """Steps the weights of `network`, which it moves into `memory`, with the other workers of the process group.

    `rate` scales both learning rates (1 = the peak).
    """

    def __init__(self, network: nn.Module, memory: Memory, muon_rate: float, adam_rate: float) -> None:
        self.memory, self.muon_rate, self.adam_rate, self.steps = memory, muon_rate, adam_rate, 0
        self._gradients = memory.gradients[distributed.get_rank()]
        weights, gradients = memory.named(memory.weights), memory.named(self._gradients)
        for name, parameter in network.named_parameters():
            parameter.data, parameter.grad = weights[name], gradients[name]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update by the mean of all workers' gradients, which are cleared."""
        self.steps += 1
        worker, workers = distributed.get_rank(), distributed.get_world_size()
        distributed.barrier()  # All gradients are there.
        start = 0
        for shape, size in sorted(self.memory.groups.items()):
            unit = prod(shape)
            own = slice(*(start + unit * (size // unit * part // workers) for part in (worker, worker + 1)))
            self._step(own, shape, rate)
            start += size
        distributed.barrier()  # All weights are new, and no gradient is read any more.
        self._gradients.zero_()

    def _step(self, own: slice, shape: tuple[int, ...], rate: float) -> None:
        memory = self.memory
        gradient = memory.gradients[:, own].float().mean(0)
        master, first, second = memory.master[own], memory.first[own], memory.second[own]
        if shape:
            first.lerp_(gradient, 0.05)
            update = gradient.lerp(first, 0.95).view(-1, *shape)
            high, wide = shape
            update = _orthogonal(update) if high <= wide else _orthogonal(update.mT).mT
            master.view(update.shape).add_(update, alpha=-self.muon_rate * rate * max(1.0, high / wide) ** 0.5)
        else:
            first.lerp_(gradient, 0.1)
            second.lerp_(gradient.square(), 0.05)
            mean, square = first / (1 - 0.9**self.steps), second / (1 - 0.95**self.steps)
            master.addcdiv_(mean, square.sqrt().add_(1e-8), value=-self.adam_rate * rate)
        memory.weights[own] = master.bfloat16()

    def state_dict(self) -> dict[str, object]:
        """All that is needed to go on after a restart."""
        memory = self.memory
        return {"steps": self.steps, "master": memory.master, "first": memory.first, "second": memory.second}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Takes over what `state_dict` gave, the network's weights included."""
        self.steps = state["steps"]  # type: ignore[assignment]
        for kind in ("master", "first", "second"):
            getattr(self.memory, kind).copy_(state[kind])
        self.memory.weights.copy_(self.memory.master)
