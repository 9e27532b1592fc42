# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""linnet.jit: a Python function over arrays, traced to one module and compiled as a whole."""

from __future__ import annotations

import functools
import inspect
import math
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from ._arrays import _is_tensor
from ._elements import FLOATS, widest
from ._graph import Graph, Tensor, broadcast
from ._program import Program
from ._report import Described
from ._sizes import Dim, Size, product
from .ops.affine_scan import emit as _emit_affine_scan
from .ops.causal_conv1d import activation_name
from .ops.causal_conv1d import emit as _emit_causal_conv1d
from .ops.linear_attention import emit as _emit_linear_attention
from .ops.selective_scan import emit as _emit_selective_scan
from .ops.ssd import emit as _emit_ssd

_ELEMENTS = {"float32": "f32", "int32": "i32", "int64": "i64", "bool": "i1"}


class Untraceable(TypeError):
    """A function does something to a traced array that has no place in a compiled program."""


class Array:
    """An array while a function is traced: numpy's operators and the functions of numpy in _FUNCTIONS below, of which each gives another such array."""

    __array_priority__ = 1000

    def __init__(self, graph: Graph, tensor: Tensor) -> None:
        self._graph, self._tensor = graph, tensor

    @property
    def shape(self) -> Tuple[Size, ...]:
        return self._tensor.shape

    @property
    def ndim(self) -> int:
        return self._tensor.rank

    @property
    def dtype(self) -> np.dtype:
        return np.dtype({own: name for name, own in _ELEMENTS.items()}[self._tensor.element])

    @property
    def T(self) -> "Array":
        return self.transpose()

    # ------------------------------------------------------------ operators

    def _lift(self, x: Any) -> Tensor:
        if isinstance(x, Array):
            # An operand of several operations is computed once.
            return self._graph.settle(x._tensor)
        if isinstance(x, (bool, int, float, np.number, np.bool_)):
            element = "i1" if isinstance(x, (bool, np.bool_)) else "i64" if isinstance(x, (int, np.integer)) else "f32"
            if element == "i64" and self._tensor.element != "i1":
                element = self._tensor.element
            return self._graph.full((), x, element)
        raise Untraceable(
            f"expected an array or a number, got {type(x).__name__}; arrays are arguments of the function"
        )

    def _binary(self, other: Any, floats: str, integers: Optional[str], swap: bool = False) -> "Array":
        a, b = self._lift(self), self._lift(other)
        element = widest(a.element, b.element)
        element = "f32" if integers is None and element not in FLOATS else "i64" if element == "i1" else element
        op = f"arith.{floats if element in FLOATS else integers}"
        operands = [self._graph.cast(x, element) for x in ((b, a) if swap else (a, b))]
        emit = lambda body, x, y: body.emit(f"{op} {x}, {y} : {element}")
        return self._new(self._graph.pointwise(emit, operands, element))

    def _compare(self, other: Any, floats: str, integers: str) -> "Array":
        a, b = self._lift(self), self._lift(other)
        element = widest(a.element, b.element)
        element = "i8" if element == "i1" else element
        op = f"arith.cmpf {floats}" if element in FLOATS else f"arith.cmpi {integers}"
        operands = [self._graph.cast(x, element) for x in (a, b)]
        emit = lambda body, x, y: body.emit(f"{op}, {x}, {y} : {element}")
        return self._new(self._graph.pointwise(emit, operands, "i1"))

    def _new(self, tensor: Tensor) -> "Array":
        return Array(self._graph, tensor)

    def __add__(self, other: Any) -> "Array":
        return self._binary(other, "addf", "addi")

    def __radd__(self, other: Any) -> "Array":
        return self._binary(other, "addf", "addi", swap=True)

    def __sub__(self, other: Any) -> "Array":
        return self._binary(other, "subf", "subi")

    def __rsub__(self, other: Any) -> "Array":
        return self._binary(other, "subf", "subi", swap=True)

    def __mul__(self, other: Any) -> "Array":
        return self._binary(other, "mulf", "muli")

    def __rmul__(self, other: Any) -> "Array":
        return self._binary(other, "mulf", "muli", swap=True)

    def __truediv__(self, other: Any) -> "Array":
        return self._binary(other, "divf", None)

    def __rtruediv__(self, other: Any) -> "Array":
        return self._binary(other, "divf", None, swap=True)

    def __lt__(self, other: Any) -> "Array":
        return self._compare(other, "olt", "slt")

    def __le__(self, other: Any) -> "Array":
        return self._compare(other, "ole", "sle")

    def __gt__(self, other: Any) -> "Array":
        return self._compare(other, "ogt", "sgt")

    def __ge__(self, other: Any) -> "Array":
        return self._compare(other, "oge", "sge")

    def __neg__(self) -> "Array":
        return 0 - self if self._tensor.element not in FLOATS else self * -1.0

    def __pow__(self, exponent: int) -> "Array":
        if not isinstance(exponent, int) or not 1 <= exponent <= 8:
            raise Untraceable(f"expected a power from 1 to 8, got {exponent!r}")
        result = self
        for _ in range(exponent - 1):
            result = result * self
        return result

    def __bool__(self) -> bool:
        raise Untraceable("the function branches on a value of an array; use numpy.where to choose by element")

    def __matmul__(self, other: "Array") -> "Array":
        a, b = self._lift(self), self._lift(other)
        if a.rank < 2 or b.rank < 2:
            raise Untraceable("@ takes arrays of at least two dimensions")
        if a.shape[-1] != b.shape[-2]:
            raise ValueError(f"@ of shapes {_show(a.shape)} and {_show(b.shape)}")
        if b.rank == 2:
            rows = list(range(a.rank - 1))
            n, k = a.rank - 1, a.rank
            return self._new(self._graph.contract(a, [*rows, k], b, [k, n], [*rows, n]))
        outer = broadcast(a.shape[:-2], b.shape[:-2])
        a, b = (self._graph.settle(self._graph.expand(x, (*outer, *x.shape[-2:]))) for x in (a, b))
        batch = list(range(len(outer)))
        m, n, k = (len(outer) + i for i in range(3))
        return self._new(self._graph.contract(a, [*batch, m, k], b, [*batch, k, n], [*batch, m, n]))

    # ------------------------------------------------------------ shapes

    def reshape(self, *shape: Any) -> "Array":
        sizes = list(shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)
        if -1 in sizes:
            whole, rest = product(self.shape), product(size for size in sizes if size != -1)
            sizes[sizes.index(-1)] = whole // rest
        return self._new(self._graph.reshape(self._tensor, sizes))

    def transpose(self, *order: Any) -> "Array":
        order = order[0] if len(order) == 1 and isinstance(order[0], (tuple, list)) else order
        return self._new(self._graph.permute(self._tensor, list(order) or list(range(self.ndim))[::-1]))

    def swapaxes(self, first: int, second: int) -> "Array":
        order = list(range(self.ndim))
        order[first], order[second] = order[second], order[first]
        return self.transpose(order)

    def astype(self, dtype: Any) -> "Array":
        return self._new(self._graph.cast(self._tensor, _element(np.dtype(dtype))))

    def __getitem__(self, key: Any) -> "Array":
        keys = list(key) if isinstance(key, tuple) else [key]
        given = sum(k is not None and k is not Ellipsis for k in keys)
        if Ellipsis in keys:
            at = keys.index(Ellipsis)
            keys[at : at + 1] = [slice(None)] * (self.ndim - given)
        tensor, dim = self._tensor, 0
        for own in keys:
            if own is None:
                tensor = self._graph.unsqueeze(tensor, dim)
                dim += 1
            elif isinstance(own, int):
                begin = own if own >= 0 else tensor.shape[dim] + own
                for least in (begin, tensor.shape[dim] - begin - 1):
                    self._graph.require(least, str(own), tensor.shape[dim])
                tensor = self._graph.squeeze(self._graph.slice(tensor, dim, begin, 1), [dim])
            elif isinstance(own, slice) and own.step in (None, 1):
                size = tensor.shape[dim]
                bounds = [_bound(own.start, size, 0), _bound(own.stop, size, size)]
                if isinstance(bounds[0], int) and isinstance(bounds[1], int):
                    bounds[1] = max(bounds)
                for least in (bounds[0], bounds[1] - bounds[0], size - bounds[1]):
                    self._graph.require(least, f"{own.start or ''}:{own.stop or ''}", size)
                tensor = self._graph.slice(tensor, dim, bounds[0], bounds[1] - bounds[0])
                dim += 1
            else:
                raise Untraceable(f"expected integers, slices, None and ... as an index, got {own!r}")
        return self._new(tensor)

    # ------------------------------------------------------------ reductions

    def _reduce(self, axis: Any, keepdims: bool, start: float, op: str) -> "Array":
        dims = range(self.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        dims = sorted(dim % self.ndim for dim in dims)
        tensor = self._graph.reduce(self._graph.cast(self._lift(self), "f32"), dims, start, f"arith.{op}")
        for dim in dims if keepdims else ():
            tensor = self._graph.unsqueeze(tensor, dim)
        return self._new(tensor)

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Array":
        return self._reduce(axis, keepdims, 0, "addf")

    def max(self, axis: Any = None, keepdims: bool = False) -> "Array":
        return self._reduce(axis, keepdims, -math.inf, "maximumf")

    def min(self, axis: Any = None, keepdims: bool = False) -> "Array":
        return self._reduce(axis, keepdims, math.inf, "minimumf")

    def mean(self, axis: Any = None, keepdims: bool = False) -> "Array":
        dims = range(self.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        count = self._graph.size_tensor(product(self.shape[dim] for dim in dims))
        return self.sum(axis, keepdims) / self._new(self._graph.cast(count, "f32"))

    # ------------------------------------------------------------ functions of numpy

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _call(ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}", inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _call(function.__name__, args, kwargs)

    def _unary(self, op: str) -> "Array":
        emit = lambda body, x: body.emit(f"math.{op} {x} : f32")
        return self._new(self._graph.pointwise(emit, [self._graph.cast(self._lift(self), "f32")], "f32"))


def _show(shape: Sequence[Size]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _bound(index: Any, size: Size, default: Size) -> Size:
    if index is None:
        return default
    if isinstance(index, int) and isinstance(size, int):
        return min(max(index + size if index < 0 else index, 0), size)
    return size + index if isinstance(index, int) and index < 0 else index


def _element(dtype: np.dtype) -> str:
    if dtype.name not in _ELEMENTS:
        raise TypeError(f"expected elements of type {', '.join(_ELEMENTS)}, got {dtype}")
    return _ELEMENTS[dtype.name]


def _operator(name: str) -> Callable[..., Array]:
    def apply(x: Any, *rest: Any, **named: Any) -> Array:
        if not isinstance(x, Array):
            x = rest[0]._new(rest[0]._lift(x))
        return getattr(x, name)(*rest, **{key: value for key, value in named.items() if value is not None})

    return apply


def _where(condition: Array, a: Any, b: Any) -> Array:
    graph = condition._graph
    x, y = condition._lift(a), condition._lift(b)
    element = widest(x.element, y.element)
    operands = [graph.cast(condition._lift(condition), "i1"), graph.cast(x, element), graph.cast(y, element)]
    return condition._new(
        graph.pointwise(lambda body, c, p, q: body.emit(f"arith.select {c}, {p}, {q} : {element}"), operands, element)
    )


def _concatenate(parts: Sequence[Array], axis: int = 0) -> Array:
    return parts[0]._new(parts[0]._graph.concat([part._tensor for part in parts], axis % parts[0].ndim))


_FUNCTIONS: Dict[str, Callable[..., Array]] = {
    **{name: (lambda x, op=name: x._unary(op)) for name in ("exp", "exp2", "expm1", "log", "log2", "log1p", "tanh", "sqrt", "sin", "cos")},
    **{name: _operator(name) for name in ("reshape", "transpose", "swapaxes", "sum", "max", "min", "mean")},
    "amax": _operator("max"), "amin": _operator("min"),
    "add": _operator("__add__"), "subtract": _operator("__sub__"), "multiply": _operator("__mul__"),
    "divide": _operator("__truediv__"), "true_divide": _operator("__truediv__"), "negative": _operator("__neg__"),
    "matmul": _operator("__matmul__"), "less": _operator("__lt__"), "less_equal": _operator("__le__"),
    "greater": _operator("__gt__"), "greater_equal": _operator("__ge__"),
    "absolute": lambda x: x._unary("absf"), "maximum": lambda x, y: _both(x, y, "maximumf", "maxsi"),
    "minimum": lambda x, y: _both(x, y, "minimumf", "minsi"), "where": _where, "concatenate": _concatenate,
}  # fmt: skip


def _both(x: Any, y: Any, floats: str, integers: str) -> Array:
    x, y = (x, y) if isinstance(x, Array) else (y, x)
    return x._binary(y, floats, integers)


def _call(name: str, args: Sequence[Any], kwargs: Dict[str, Any]) -> Any:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise Untraceable(f"numpy.{name} is not known to linnet.jit; it knows {', '.join(sorted(_FUNCTIONS))}")
    return function(*args, **kwargs)


# ---------------------------------------------------------------- linnet.ops


def _values(graph: Graph, *arrays: Any) -> List[Any]:
    return [None if x is None else graph.value(graph.cast(x._tensor, "f32")) for x in arrays]


def _start(graph: Graph, state: Optional[Array], shape: Sequence[Size]) -> Any:
    return graph.fill(shape, 0, "f32") if state is None else _values(graph, state)[0]


def _pair(graph: Graph, results: Sequence[Any]) -> Tuple[Array, ...]:
    return tuple(Array(graph, graph.tensor(value)) for value in results)


def _selective_scan(u, delta, A, B, C, D=None, z=None, delta_bias=None, delta_softplus=False, initial_state=None):
    graph = u._graph
    state = _start(graph, initial_state, (*u.shape[:2], A.shape[1]))
    return _pair(
        graph, _emit_selective_scan(graph, *_values(graph, u, delta, A, B, C, D, z, delta_bias), state, delta_softplus)
    )


def _causal_conv1d(x, weight, bias=None, initial_state=None, activation=None):
    graph = x._graph
    state = _start(graph, initial_state, (*x.shape[:2], weight.shape[1] - 1))
    own = activation_name("causal_conv1d", activation)
    return _pair(graph, _emit_causal_conv1d(graph, *_values(graph, x, weight, bias), state, own))


def _ssd(x, dt, A, B, C, D=None, z=None, dt_bias=None, dt_softplus=False, initial_state=None, dt_limit=None):
    graph = x._graph
    state = _start(graph, initial_state, (x.shape[0], *x.shape[2:], B.shape[3]))
    options = (dt_softplus, *map(float, dt_limit or (-math.inf, math.inf)))
    return _pair(graph, _emit_ssd(graph, *_values(graph, x, dt, A, B, C, D, z, dt_bias), state, options))


def _affine_scan(a, b, initial_state=None, dim=1, reverse=False):
    graph = a._graph
    dim %= a.ndim
    state = _start(graph, initial_state, [size for i, size in enumerate(a.shape) if i != dim])
    return _pair(graph, _emit_affine_scan(graph, *_values(graph, a, b), state, dim, reverse))


def _linear_attention(q, k, v, log_decay=None, beta=None, erase=None, write=None, bonus=None, scale=None, initial_state=None,
                      cu_seqlens=None, normalize=None, qk_l2norm=False, causal=True, reverse=False, read="post_update",
                      chunk_size=None, sub_chunk_size=None, gate_lower_bound=None):  # fmt: skip
    if cu_seqlens is not None or normalize is not None:
        raise Untraceable("linear_attention with cu_seqlens or normalize is not known to linnet.jit; call it outside")
    graph = q._graph
    state = _start(graph, initial_state, (v.shape[0], v.shape[2], k.shape[3], v.shape[3]))
    names = ("log_decay", "beta", "erase", "write", "bonus")
    optional = dict(zip(names, _values(graph, log_decay, beta, erase, write, bonus)))
    options = (scale, None, qk_l2norm, causal, reverse, read, chunk_size, v.shape[1] == 1, sub_chunk_size, gate_lower_bound)
    return _pair(graph, _emit_linear_attention(graph, *_values(graph, q, k, v), state, options, **optional))


#: What linnet.ops becomes inside of a traced function.
_OPS = {
    "selective_scan": _selective_scan, "causal_conv1d": _causal_conv1d, "ssd": _ssd, "affine_scan": _affine_scan,
    "linear_attention": _linear_attention,
}  # fmt: skip


class _TracedGraph(Graph):
    """A graph that names what it builds by the line of the traced function, counted from its first: it stays the same
    when only the lines before the function change."""

    def __init__(self, function: Callable) -> None:
        super().__init__(function.__name__.strip("<>"))
        self._code = getattr(inspect.unwrap(function), "__code__", None)
        #: Sizes that must not be negative in a call, and what to say when one is.
        self.requirements: List[Tuple[Dim, str]] = []

    def require(self, least: Size, index: str, size: Size) -> None:
        """What an index into a dimension asks of its size: here where that is known, else at each call."""
        message = f"the index [{index}] is out of a dimension of size {size} (in {self.location})"
        if isinstance(least, Dim):
            if (least, message) not in self.requirements and not least.is_natural:
                self.requirements.append((least, message))
        elif least < 0:
            raise IndexError(message)

    def _own_location(self) -> str:
        frame = sys._getframe(1)
        while frame is not None and frame.f_code is not self._code:
            frame = frame.f_back
        return self.name if frame is None else f"{self.name}:{frame.f_lineno - self._code.co_firstlineno + 1}"


class _Tracing:
    """While open, the functions of linnet.ops take traced arrays."""

    def __enter__(self) -> None:
        from . import ops

        self._before = {name: getattr(ops, name) for name in _OPS}
        for name, traced in _OPS.items():
            setattr(ops, name, functools.partial(_either, traced, self._before[name]))

    def __exit__(self, *exception: Any) -> None:
        from . import ops

        for name, function in self._before.items():
            setattr(ops, name, function)


def _either(traced: Callable, eager: Callable, *args: Any, **kwargs: Any) -> Any:
    return (traced if any(isinstance(x, Array) for x in args) else eager)(*args, **kwargs)


# ---------------------------------------------------------------- the function


#: A program, whether it gives one array and no tuple, and what it asks of sizes.
_Traced = Tuple[Program, bool, List[Tuple[Dim, str]]]


class Compiled(Described):
    """A function that linnet.jit compiles, once for each kind and static shape of its arguments."""

    def __init__(self, function: Callable, shapes: Optional[Dict[str, Sequence[Union[int, Dim, str]]]]) -> None:
        functools.update_wrapper(self, function)
        self._function, self._shapes = function, dict(shapes or {})
        self._parameters = list(inspect.signature(function).parameters)
        unknown = [name for name in self._shapes if name not in self._parameters]
        if unknown:
            raise ValueError(
                f"jit: argument shapes: expected names of {', '.join(self._parameters)}, got {unknown[0]!r}"
            )
        self._programs: Dict[Any, _Traced] = {}
        self._last: Optional[Program] = None

    @property
    def program(self) -> Program:
        """That of the last call."""
        if self._last is None:
            raise RuntimeError(f"{self._function.__name__} is compiled at its first call; call it first")
        return self._last

    def __repr__(self) -> str:
        if self._last is None:
            return f"<linnet.Compiled {self._function.__name__}({', '.join(self._parameters)}): not called yet>"
        return super().__repr__()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self._function).bind(*args, **kwargs)
        bound.apply_defaults()
        values = list(bound.arguments.values())
        torch_like = next((x for x in values if _is_tensor(x)), None)
        arrays = [(x.detach().numpy() if _is_tensor(x) else x) for x in values]
        arrays = [np.ascontiguousarray(x) if isinstance(x, np.ndarray) else x for x in arrays]
        key = tuple(
            (x.dtype.str, self._shape(name, x)) if isinstance(x, np.ndarray) else x
            for name, x in zip(self._parameters, arrays)
        )
        known = self._programs.get(key)
        if known is None:
            known = self._programs[key] = self._trace(arrays)
        self._last, single, requirements = known
        symbols = self._symbols(arrays)
        for least, message in requirements:
            if least.evaluate(symbols) < 0:
                given = ", ".join(f"{symbol} = {value}" for symbol, value in symbols.items())
                raise IndexError(f"{message}, where {given}; pass a longer array, or leave shapes out")
        inputs = tuple(x for x in arrays if isinstance(x, np.ndarray))
        results = self._timed(self._last, inputs, symbols)
        if torch_like is not None:
            results = tuple(sys.modules["torch"].from_numpy(x) for x in results)
        return results[0] if single else tuple(results)

    def _shape(self, name: str, x: np.ndarray) -> Tuple[Size, ...]:
        given = self._shapes.get(name)
        if given is None:
            return x.shape
        if len(given) != x.ndim:
            raise ValueError(
                f"argument {name}: expected {len(given)} dimensions {_show(given)}, got shape {list(x.shape)}"
            )
        sizes = tuple(Dim(size) if isinstance(size, str) else size for size in given)
        for size, own in zip(sizes, x.shape):
            if isinstance(size, int) and size != own:
                raise ValueError(f"argument {name}: expected shape {_show(given)}, got {list(x.shape)}")
        return sizes

    def _symbols(self, arrays: Sequence[Any]) -> Dict[str, int]:
        symbols: Dict[str, int] = {}
        for name, x in zip(self._parameters, arrays):
            if isinstance(x, np.ndarray):
                for size, own in zip(self._shape(name, x), x.shape):
                    if isinstance(size, Dim) and size.symbol and symbols.setdefault(size.symbol, own) != own:
                        raise ValueError(f"argument {name}: expected size {size} = {symbols[size.symbol]}, got {own}")
        return symbols

    def _trace(self, arrays: Sequence[Any]) -> _Traced:
        graph = _TracedGraph(self._function)
        traced, names = [], []
        for name, x in zip(self._parameters, arrays):
            if isinstance(x, np.ndarray):
                traced.append(Array(graph, graph.input(name, self._shape(name, x), _element(x.dtype))))
                names.append(name)
            else:
                traced.append(x)
        with _Tracing():
            results = self._function(*traced)
        single = not isinstance(results, (tuple, list))
        outputs = [results] if single else list(results)
        for i, result in enumerate(outputs):
            if not isinstance(result, Array):
                raise Untraceable(
                    f"result {i} of {self._function.__name__}: expected an array of the trace, got {type(result).__name__}"
                )
            graph.result(graph.value(result._tensor), f"result{i}")
        program = Program(graph.name, graph.text(), names, [result.shape for result in outputs])
        program.bind({})
        return program, single, graph.requirements


def jit(
    function: Optional[Callable] = None, *, shapes: Optional[Dict[str, Sequence[Union[int, Dim, str]]]] = None
) -> Any:
    """Compiles a function of arrays as a whole: what it computes element by element becomes one loop, and what
    linnet.ops does is part of the same program.

        @linnet.jit(shapes={"x": ("B", "T", 64)})
        def layer(x, w, decay):
            h, _ = linnet.ops.affine_scan(np.exp(decay) + 0 * x, x @ w)
            return h * x

    The function is traced at its first call, and again for other types and static shapes. shapes: sizes of arguments
    that may change without that, by name (linnet.Dim or a string) and others as numbers. Arrays are numpy's or torch's,
    of float32, int32, int64 or bool; other arguments are constants of the trace. The compiled function has stats(),
    mlir(stage) and save(path).

    Raises Untraceable (a TypeError) for what a program cannot hold, ValueError and TypeError for arrays that do not
    fit, naming the argument.
    """
    if function is None:
        return functools.partial(jit, shapes=shapes)
    if not callable(function):
        raise TypeError(f"jit: argument function: expected a function, got {type(function).__name__}")
    return Compiled(function, shapes)
