"""DINOv2 as Meta computes it, written down again small from its paper and published code, and held against transformers."""

import math

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from transformers import Dinov2Config, Dinov2Model

from overread.backbones.formats.timm_own import timms
from overread.backbones.torchvision import timm

PATCH, WIDTH, NATIVE = 8, 32, 32


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(WIDTH))

    def forward(self, tokens):
        return tokens * self.gamma


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens):
        query, key, value = self.qkv(tokens).unflatten(2, (3, 2, -1)).permute(2, 0, 3, 1, 4)
        weights = (query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])).softmax(-1)
        return self.proj((weights @ value).transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, tokens):
        return self.fc2(functional.gelu(self.fc1(tokens)))


class SwiGLU(nn.Module):
    """The giant's: two thirds of four times the width, rounded up to a multiple of 8."""

    def __init__(self):
        super().__init__()
        self.w12, self.w3 = nn.Linear(WIDTH, 2 * 88), nn.Linear(88, WIDTH)

    def forward(self, tokens):
        gate, value = self.w12(tokens).chunk(2, dim=-1)
        return self.w3(functional.silu(gate) * value)


class Block(nn.Module):
    def __init__(self, mlp):
        super().__init__()
        self.norm1, self.attn, self.ls1 = nn.LayerNorm(WIDTH, eps=1e-6), Attention(), Scale()
        self.norm2, self.mlp, self.ls2 = nn.LayerNorm(WIDTH, eps=1e-6), mlp(), Scale()

    def forward(self, tokens):
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        return tokens + self.ls2(self.mlp(self.norm2(tokens)))


class Dino(nn.Module):
    """With registers Meta sets `interpolate_antialias=True, interpolate_offset=0.0`, without them False and 0.1."""

    def __init__(self, registers=0, mlp=Mlp):
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, WIDTH, PATCH, PATCH)})
        self.cls_token, self.mask_token = nn.Parameter(torch.zeros(1, 1, WIDTH)), nn.Parameter(torch.zeros(1, WIDTH))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (NATIVE // PATCH) ** 2, WIDTH))
        self.register_tokens = nn.Parameter(torch.zeros(1, registers, WIDTH)) if registers else None
        self.blocks, self.norm = nn.ModuleList([Block(mlp), Block(mlp)]), nn.LayerNorm(WIDTH, eps=1e-6)

    def forward(self, pixels):
        patches = self.patch_embed["proj"](pixels).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(pixels), -1, -1), patches], dim=1) + self._positions(pixels.shape[-1] // PATCH)
        if self.register_tokens is not None:
            tokens = torch.cat([tokens[:, :1], self.register_tokens.expand(len(pixels), -1, -1), tokens[:, 1:]], dim=1)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)[:, 0]

    def _positions(self, edge):
        side = NATIVE // PATCH
        if edge == side:
            return self.pos_embed
        grid = self.pos_embed[:, 1:].reshape(1, side, side, WIDTH).permute(0, 3, 1, 2)
        if self.register_tokens is not None:
            grid = functional.interpolate(grid, size=(edge, edge), mode="bicubic", antialias=True)
        else:
            grid = functional.interpolate(grid, scale_factor=((edge + 0.1) / side,) * 2, mode="bicubic", antialias=False)
        return torch.cat([self.pos_embed[:, :1], grid.permute(0, 2, 3, 1).reshape(1, -1, WIDTH)], dim=1)


SMALL = {"init_values": 1.0}
REGISTERS = {"init_values": 1.0, "reg_tokens": 4, "no_embed_class": True}
GIANT = {"init_values": 1.0, "mlp_ratio": 2 * 88 / WIDTH, "mlp_layer": timm.layers.SwiGLUPacked, "act_layer": nn.SiLU}


@pytest.mark.parametrize("size", [16, 32, 48])
@pytest.mark.parametrize("registers", [0, 4])
def test_metas_files_give_metas_features_at_any_size(tmp_path, drawn, pictures, ours, registers, size):
    original, seen = drawn(Dino(registers)), pictures(size)
    torch.save(original.state_dict(), tmp_path / "dinov2_vits14_pretrain.pth")

    with torch.no_grad():
        wanted = original(seen)
    torch.testing.assert_close(ours(tmp_path / "dinov2_vits14_pretrain.pth", seen, **(REGISTERS if registers else SMALL)), wanted, atol=1e-4, rtol=0)


def test_the_giants_gated_layers_are_known(tmp_path, drawn, pictures, ours):
    original, seen = drawn(Dino(mlp=SwiGLU)), pictures(NATIVE)
    torch.save(original.state_dict(), tmp_path / "dinov2_vitg14_pretrain.pth")

    with torch.no_grad():
        wanted = original(seen)
    torch.testing.assert_close(ours(tmp_path / "dinov2_vitg14_pretrain.pth", seen, **GIANT), wanted, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [16, 48])
def test_timms_own_way_of_fitting_positions_would_give_other_features(drawn, pictures, size):
    original, seen = drawn(Dino()), pictures(size)
    network = timm.models.VisionTransformer(
        img_size=size, patch_size=PATCH, embed_dim=WIDTH, depth=2, num_heads=2, num_classes=0, init_values=1.0
    ).eval()
    network.load_state_dict(timms(original.state_dict(), network))

    with torch.no_grad():
        assert (network(seen) - original(seen)).abs().max() > 1e-3


def test_the_network_written_down_here_is_the_one_that_transformers_took_from_meta(tmp_path, drawn, pictures):
    original, seen = drawn(Dino()), pictures(NATIVE)
    config = Dinov2Config(hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, image_size=NATIVE, patch_size=PATCH)
    Dinov2Model(config).save_pretrained(tmp_path)
    converted = {name: tensor.contiguous() for name, tensor in as_converted(original.state_dict()).items()}
    save_file(converted, tmp_path / "model.safetensors", {"format": "pt"})
    theirs = Dinov2Model.from_pretrained(tmp_path).eval()

    with torch.no_grad():
        torch.testing.assert_close(theirs(seen).pooler_output, original(seen), atol=1e-5, rtol=0)


def as_converted(tensors):
    """What the conversion that Hugging Face publishes makes of Meta's names."""
    names = {
        "cls_token": "embeddings.cls_token",
        "mask_token": "embeddings.mask_token",
        "pos_embed": "embeddings.position_embeddings",
        "patch_embed.proj": "embeddings.patch_embeddings.projection",
        "blocks.": "encoder.layer.",
        "ls1.gamma": "layer_scale1.lambda1",
        "ls2.gamma": "layer_scale2.lambda1",
        "attn.proj": "attention.output.dense",
    }
    given = {}
    for name, tensor in tensors.items():
        for old, new in names.items():
            name = name.replace(old, new)
        if ".attn.qkv." in name:
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                given[name.replace("attn.qkv", f"attention.attention.{part}")] = piece
        else:
            given[f"layernorm.{name.removeprefix('norm.')}" if name.startswith("norm.") else name] = tensor
    return given
