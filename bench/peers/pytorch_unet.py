#!/usr/bin/env python3
"""The benchmark's U-Net in PyTorch: a training step, inference or the 63 patches of a scene, timed; prints JSON.

    bench/peers/pytorch_unet.py --mode installed|tuned|compiled --what train|infer|scene [--precision auto|fp32|bf16]
                                [--device cpu|cuda]

installed  PyTorch with the allocator that it comes with; --precision auto is fp32
tuned      tcmalloc that keeps its pages, fused optimiser, bf16 where the processor has it
compiled   torch.compile on top of that; inference with the weights frozen and packed

Layout: contiguous for `installed` in fp32, else channels-last, unless --layout says otherwise. bf16 is autocast in
training, and weights rounded once in inference. Training is Adam (epsilon 1e-7) on binary cross entropy with logits.
On a GPU `tuned` is the fused optimiser and cuDNN's choice of its fastest algorithms; a batch lies on the device, the
patches of a scene come from the host and their probabilities go back there.
"""

import contextlib
import math

import timing


def parse_arguments():
    parser = timing.arguments(__doc__)
    parser.add_argument("--mode", choices=["installed", "tuned", "compiled"], default="tuned")
    parser.add_argument("--layout", choices=["auto", "contiguous", "channels_last"], default="auto")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    if options.precision == "auto":
        has_bf16 = options.device == "cuda" or timing.has_bf16()
        options.precision = "bf16" if options.mode != "installed" and has_bf16 else "fp32"
    if options.layout == "auto":
        plain = options.mode == "installed" and options.precision == "fp32"
        options.layout = "contiguous" if plain else "channels_last"
    return options


def double_convolution(torch, inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        convolution = torch.nn.Conv2d(channels, outputs, 3, padding=1)
        # Keras' he_normal: a normal distribution cut at two standard deviations and widened to keep its variance.
        deviation = math.sqrt(2 / (9 * channels)) / 0.87962566103423978
        torch.nn.init.trunc_normal_(convolution.weight, 0, deviation, -2 * deviation, 2 * deviation)
        torch.nn.init.zeros_(convolution.bias)
        layers += [convolution, torch.nn.ReLU(inplace=True)]
    return torch.nn.Sequential(*layers)


def make_unet(torch, width=32):
    class UNet(torch.nn.Module):
        """Logits of patches [N, 9, 256, 256]."""

        def __init__(self):
            super().__init__()
            levels = [width << level for level in range(4)]
            self.down = torch.nn.ModuleList(
                double_convolution(torch, a, b) for a, b in zip([timing.CHANNELS, *levels], levels))
            self.up = torch.nn.ModuleList(
                double_convolution(torch, a + b, b) for a, b in zip(levels[:0:-1], levels[-2::-1]))
            self.head = torch.nn.Conv2d(width, 1, 1)
            self.pool = torch.nn.MaxPool2d(2)
            self.enlarge = torch.nn.Upsample(scale_factor=2, mode="nearest")

        def forward(self, x):
            skips = []
            for block in self.down[:-1]:
                skips.append(block(x))
                x = self.pool(skips[-1])
            x = self.down[-1](x)
            for block in self.up:
                x = block(torch.cat([self.enlarge(x), skips.pop()], 1))
            return self.head(x)

    return UNet()


def training(torch, options, network):
    """One step on a batch that lies ready in memory."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7,
                                 fused=True if options.mode != "installed" else None)
    patches, clouds = (tensor.to(options.device) for tensor in random_patches(torch, options, options.batch))
    reduced = options.precision == "bf16"

    def loss_of(x, y):
        with torch.autocast(options.device, torch.bfloat16) if reduced else contextlib.nullcontext():
            logits = network(x)
        return torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), y)

    if options.mode == "compiled":
        loss_of = torch.compile(loss_of, dynamic=False)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(patches, clouds)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def inference(torch, options, network):
    """Probabilities of a batch, or of the 63 patches of a scene in such batches."""
    network.eval()
    patches, _ = random_patches(torch, options, timing.SCENE_PATCHES if options.what == "scene" else options.batch)
    if options.device == "cuda":
        patches = patches.pin_memory() if options.what == "scene" else patches.cuda()
    if options.precision == "bf16":
        network.bfloat16()

    def probabilities(x):
        x = x.to(options.device, non_blocking=True)
        x = x.bfloat16() if options.precision == "bf16" else x
        return torch.sigmoid(network(x).float())

    quiet = torch.inference_mode
    if options.mode == "compiled":
        import torch._inductor.config

        torch._inductor.config.freezing = options.device == "cpu"  # wants no_grad, and does not take inference_mode
        quiet = torch.no_grad
        probabilities = torch.compile(probabilities, dynamic=False)

    def run():
        with quiet():
            for part in patches.split(options.batch):
                probabilities(part).cpu()

    return run


def random_patches(torch, options, count):
    layout = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    patches = torch.randn(count, timing.CHANNELS, timing.PATCH_PX, timing.PATCH_PX)
    clouds = torch.randint(2, (count, 1, timing.PATCH_PX, timing.PATCH_PX)).float()
    return patches.contiguous(memory_format=layout), clouds.contiguous(memory_format=layout)


def main():
    options = parse_arguments()
    if options.mode != "installed" and options.device == "cpu":
        timing.run_with_tcmalloc()
    import torch  # only now: the process may have started again

    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = options.mode != "installed"
    network = make_unet(torch).to(options.device)
    if options.layout == "channels_last":
        network.to(memory_format=torch.channels_last)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    work = (training if options.what == "train" else inference)(torch, options, network)
    timing.print_record(options, timing.time_repeatedly(work, options), parameters, mode=options.mode,
                        precision=options.precision, layout=options.layout, device=options.device, version=f"torch {torch.__version__}")


if __name__ == "__main__":
    main()
