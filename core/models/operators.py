"""The operators that an exported program may call: pure arithmetic on tensors, by name.

A list of what is allowed, not of what is forbidden: the namespace torch.ops.aten also holds operators that read
files (from_file), write them (save), print, or hand out memory that was never written (empty, set_, resize_).
"""

from __future__ import annotations

import re

# Layers and what they become when they are decomposed.
_LAYERS = """
_adaptive_avg_pool2d _adaptive_avg_pool3d _log_softmax _native_batch_norm_legit
_native_batch_norm_legit_functional _native_batch_norm_legit_no_training _scaled_dot_product_attention_math
_scaled_dot_product_flash_attention_for_cpu _softmax _trilinear adaptive_avg_pool1d adaptive_avg_pool2d
adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d addbmm addmm addmv addr alpha_dropout
avg_pool1d avg_pool2d avg_pool3d baddbmm batch_norm bernoulli bilinear bmm celu celu_ channel_shuffle chain_matmul
conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution cosine_similarity cross dot dropout
dropout_ einsum elu elu_ embedding feature_alpha_dropout feature_dropout gelu gelu_ glu group_norm gru gru_cell
hardshrink hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ im2col col2im inner instance_norm kron
layer_norm leaky_relu leaky_relu_ linear log_sigmoid log_softmax lstm lstm_cell matmul max_pool1d max_pool2d
max_pool2d_with_indices max_pool3d max_pool3d_with_indices mish mish_ mm mv native_batch_norm native_dropout
native_group_norm native_layer_norm outer pixel_shuffle pixel_unshuffle prelu _prelu_kernel relu relu6 relu_ rms_norm
_fused_rms_norm rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell rrelu scaled_dot_product_attention selu selu_ sigmoid sigmoid_ silu silu_
softmax softplus softshrink tanh tanh_ tensordot threshold threshold_ unfold upsample_bicubic2d upsample_bilinear2d
upsample_linear1d upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_trilinear3d
"""
_ARITHMETIC = """
abs acos acosh add add_ addcdiv addcmul arange argmax argmin argsort asin asinh atan atan2 atanh bitwise_and bitwise_not
bitwise_or bitwise_xor ceil clamp clamp_ clamp_max clamp_min clip cos cosh cummax cummin cumprod cumsum deg2rad diff div
div_ eq erf erfc erfinv exp exp2 expm1 exponential floor floor_divide fmod frac ge gt hypot isfinite isinf isnan ldexp le
lerp log log10 log1p log2 logaddexp logaddexp2 logcumsumexp logical_and logical_not logical_or logical_xor logsumexp lt
masked_fill masked_fill_ maximum minimum mul mul_ multiply nan_to_num ne neg norm linalg_vector_norm positive pow prod
reciprocal remainder round rsqrt rsub scalar_tensor sgn sign sin sinc sinh sqrt square sub sub_ subtract sum tan trunc
true_divide where xlogy zeros zeros_like ones ones_like full full_like fill eye rand rand_like randn randn_like tril triu
all any amax amin aminmax count_nonzero max mean median min mode std std_mean var var_mean sort topk kthvalue
one_hot bucketize searchsorted lift_fresh_copy
"""
_SHAPES = """
_to_copy _unsafe_view alias atleast_1d atleast_2d broadcast_to cat chunk clone concat constant_pad_nd contiguous copy
copy_ detach detach_ diag_embed diagonal expand expand_as flatten flip gather hstack index index_add index_put
index_select meshgrid movedim narrow pad permute pixel_shuffle ravel reflection_pad1d reflection_pad2d
reflection_pad3d repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d reshape roll rot90 scatter
scatter_add scatter_reduce select select_scatter slice slice_scatter split split_with_sizes squeeze stack swapaxes
swapdims t take_along_dim tensor_split tile to transpose type_as unbind unflatten unsqueeze view view_as vstack
sym_size sym_numel sym_stride _assert_tensor_metadata sym_constrain_range sym_constrain_range_for_size
"""
ATEN_OPERATORS = frozenset((_LAYERS + _ARITHMETIC + _SHAPES).split())

# On sizes, which are symbols while a program is loaded and whole numbers when it runs.
_ON_SIZES = """
_operator.add _operator.sub _operator.mul _operator.floordiv _operator.mod _operator.truediv _operator.neg _operator.pos
_operator.eq _operator.ne _operator.lt _operator.le _operator.gt _operator.ge _operator.and_ _operator.or_
_operator.getitem math.trunc math.ceil math.floor torch.sym_max torch.sym_min torch.sym_not torch.sym_int
"""
SIZE_FUNCTIONS = frozenset(_ON_SIZES.split())

_ATEN = re.compile(r"torch\.ops\.aten\.([A-Za-z0-9_]+)\.([A-Za-z][A-Za-z0-9_]*)")


def is_allowed(target: str) -> bool:
    """Whether a program may call this, given as "torch.ops.aten.NAME.OVERLOAD" or a function on sizes."""
    if target in SIZE_FUNCTIONS:
        return True
    match = _ATEN.fullmatch(target)
    return match is not None and match[1] in ATEN_OPERATORS
