"""Products of the Hessian of a mean loss with vectors, on a gradient graph that is kept."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from core.errors import BadInput
from core.landscape.curvature.batches import Batch, Loss, Parameters, check_parameters, sample_counts
from core.landscape.curvature.second_derivatives import check_own_functions, naming_the_operator
from core.training.parameters import Layout

MEMORY = 2 << 30  # bytes of gradient graphs that are kept at most


class HessianProducts:
    """v -> H v, where H is the Hessian of L = sum_b (n_b / n) L_b over batches b of n_b samples.

    The gradient g of L is computed once with its graph; a product is the gradient of g'v on that graph (Pearlmutter
    1994), which costs about half of a fresh double backward pass. Graphs are kept as far as `memory` goes; batches
    beyond it are differentiated anew for each product. Vectors are applied one by one: batches of them pay for small
    dense layers only (1.2 against 1.5 gradients a vector) and cost twice as much for convolutions.

    The tensors that are handed in are not touched: no gradient is written to them, and the global random state is
    put back after a loss that draws from it; each evaluation draws the same numbers.

    Attributes:
        layout: where each parameter lies in a vector.
        loss: L.
        samples: n.
        count: products so far.
        kept: batches whose graph is kept.
    """

    def __init__(self, loss: Loss, parameters: Parameters, batches: Sequence[Batch], memory: int = MEMORY) -> None:
        """Evaluates the loss and its gradient.

        Args:
            loss: (parameters, batch) -> the mean over the batch, a scalar tensor.
            parameters: floating tensors by name, on one device.
            batches: tuples of tensors whose first dimension is the sample, on that device.
            memory: bytes of graphs that may be kept.

        Raises:
            BadInput: the loss is not finite or no scalar, an operator has no second derivative, or what
                `check_parameters` and `sample_counts` refuse.
        """
        check_parameters(parameters)
        counts = sample_counts(batches)
        self.samples = sum(counts)
        self.count = 0
        self.layout = Layout(tuple(parameters), tuple(tuple(tensor.shape) for tensor in parameters.values()))
        self.device = next(iter(parameters.values())).device
        self.dtype = torch.float32
        for tensor in parameters.values():
            self.dtype = torch.promote_types(self.dtype, tensor.dtype)
        self._function = loss
        self._weights = [count / self.samples for count in counts]
        self._batches = [tuple(batch) for batch in batches]
        self._parameters = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
        self.kept = self._fitting(counts, memory)
        self.loss = 0.0
        self._gradient = self._differentiate(range(self.kept)) if self.kept else ()
        for batch in range(self.kept, len(batches)):
            self._differentiate([batch])

    def __call__(self, vector: torch.Tensor) -> torch.Tensor:
        """H v for v [D], in the type and on the device of v."""
        directions = [
            part.to(tensor.dtype)
            for part, tensor in zip(self.layout.views(vector).values(), self._parameters.values(), strict=True)
        ]
        product = torch.zeros_like(vector)
        if self.kept:
            product += self._apply(self._gradient, directions, keep=True)
        for batch in range(self.kept, len(self._batches)):
            product += self._apply(self._differentiate([batch], first=False), directions, keep=False)
        self.count += 1
        if not bool(torch.isfinite(product).all()):
            raise BadInput(
                "A second derivative of the loss is not finite: bring a checkpoint whose loss is smooth there."
            )
        return product

    def _apply(
        self, gradient: tuple[torch.Tensor, ...], directions: list[torch.Tensor], *, keep: bool
    ) -> torch.Tensor | float:
        """The gradient of g'v; where g does not depend on the parameters it is nought."""
        curved = [(part, along) for part, along in zip(gradient, directions, strict=True) if part.requires_grad]
        if not curved:
            return 0.0
        parts, along = zip(*curved, strict=True)
        with naming_the_operator():
            second = torch.autograd.grad(
                parts, list(self._parameters.values()), along, retain_graph=keep, materialize_grads=True
            )
        return torch.cat([part.detach().reshape(-1).to(self.dtype) for part in second])

    def _differentiate(self, chosen: Sequence[int] | range, *, first: bool = True) -> tuple[torch.Tensor, ...]:
        """The gradient of the part of the loss that some batches make, with its graph."""
        devices = [self.device] if self.device.type == "cuda" else []
        total = torch.zeros((), device=self.device, dtype=self.dtype)
        with torch.enable_grad(), torch.random.fork_rng(devices=devices), sdpa_kernel(SDPBackend.MATH):
            # Only this kernel of attention has a second derivative.
            for batch in chosen:
                torch.manual_seed(batch)
                value = self._function(dict(self._parameters), self._batches[batch])
                if not isinstance(value, torch.Tensor) or value.numel() != 1:
                    raise BadInput("The loss is no scalar: return the mean over the batch.")
                if not bool(torch.isfinite(value)):
                    raise BadInput(
                        f"The loss of batch {batch} is {value.item()}, which is not finite: the model has diverged or "
                        "does not fit the data; bring another checkpoint."
                    )
                total = total + self._weights[batch] * value.reshape(()).to(self.dtype)
            if first:
                self.loss += total.item()
                check_own_functions(total)
            if not total.requires_grad:
                raise BadInput("The loss does not depend on the parameters: use those that it is handed.")
            with naming_the_operator():
                return torch.autograd.grad(
                    total, list(self._parameters.values()), create_graph=True, materialize_grads=True
                )

    def _fitting(self, counts: Sequence[int], memory: int) -> int:
        """How many batches, from the first, have graphs that fit. A single batch is always kept.

        The bytes a sample are those of the tensors that autograd saves for the first batch.
        """
        if len(counts) == 1:
            return 1
        saved: dict[int, int] = {}

        def weigh(tensor: torch.Tensor) -> torch.Tensor:
            storage = tensor.untyped_storage()
            saved[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(weigh, lambda tensor: tensor):
            self._differentiate([0], first=False)
        sample = sum(saved.values()) / counts[0]
        used, fitting = 0.0, 0
        for count in counts:
            used += sample * count
            if used > memory:
                break
            fitting += 1
        return fitting
