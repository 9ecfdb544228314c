#!/usr/bin/env python3
"""Throughput of the models in PyTorch on the CPU, in float32: the peer of `ctrlab bench`.

Configurations and models have the names and the layers of `ctrlab bench`; ids are uniform, labels random, and batches
exist before the clock starts. Prints one JSON object, or with --serve a number for every line "train" or "infer" on
standard input, so that `compare` can put rounds of several programs between each other.
"""
import argparse, json, os, sys, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--config", default="ctr39", choices=["ctr39", "dlrm-kaggle", "dlrm-paper", "ncf"])
parser.add_argument("--model", help="dlrm for dlrm-*, neumf for ncf; lr fm deepfm wide_deep dcn dcnv2 xdeepfm autoint for ctr39")
parser.add_argument("--batch", type=int, help="2048 for dlrm-*, else 4096")
parser.add_argument("--optimizer", choices=["sgd", "adagrad"], help="sgd for dlrm-*, else adagrad")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=2, help="of a measurement")
parser.add_argument("--serve", action="store_true")
args = parser.parse_args()
is_dlrm = args.config.startswith("dlrm")
model_name = args.model or {"ctr39": "deepfm", "ncf": "neumf"}.get(args.config, "dlrm")
B = args.batch or (2048 if is_dlrm else 4096)
optimizer = args.optimizer or ("sgd" if is_dlrm else "adagrad")

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(args.threads)
os.environ["OMP_WAIT_POLICY"] = "passive"  # spinning barriers collapse where a virtual core is taken away
import torch
from torch import nn

torch.set_num_threads(args.threads)
torch.manual_seed(1)

CATEGORICAL, DENSE, DIM, IDS = 26, 13, 16, 1_000_000
FIELDS = CATEGORICAL + DENSE


def small(*shape):
    return nn.Parameter(torch.randn(*shape) * 0.01)


def perceptron(width, hidden, out=0):
    layers = []
    for h in hidden:
        layers += [nn.Linear(width, h), nn.ReLU()]
        width = h
    return nn.Sequential(*layers, *([nn.Linear(width, out)] if out else []))


def deep(out=1):
    return perceptron(FIELDS * DIM, (400, 400, 400), out)


class CTR(nn.Module):
    """Embeddings of all 39 fields, a dense one being value x learnt vector, and the first-order term where wanted."""

    def __init__(self, first_order=True, vectors=True):
        super().__init__()
        if vectors:
            self.table, self.scale = nn.Embedding(IDS, DIM, sparse=True), small(DENSE, DIM)
            nn.init.normal_(self.table.weight, std=0.01)
        if first_order:
            self.weight, self.weight_dense = nn.Embedding(IDS, 1, sparse=True), nn.Linear(DENSE, 1)

    def fields(self, ids, x):
        return torch.cat([x.unsqueeze(2) * self.scale, self.table(ids)], 1)

    def linear(self, ids, x):
        return self.weight(ids).sum(1) + self.weight_dense(x)


def pairs(e):
    """Sum of the products of all pairs, in O(F d)."""
    s = e.sum(1)
    return 0.5 * (s * s - (e * e).sum(1)).sum(1, keepdim=True)


class LR(CTR):
    def __init__(self):
        super().__init__(vectors=False)

    def forward(self, ids, x):
        return self.linear(ids, x)


class FM(CTR):
    def forward(self, ids, x):
        return self.linear(ids, x) + pairs(self.fields(ids, x))


class WideDeep(CTR):
    def __init__(self):
        super().__init__()
        self.mlp = deep()

    def forward(self, ids, x):
        return self.linear(ids, x) + self.mlp(self.fields(ids, x).flatten(1))


class DeepFM(WideDeep):
    def forward(self, ids, x):
        e = self.fields(ids, x)
        return self.linear(ids, x) + pairs(e) + self.mlp(e.flatten(1))


class DCN(CTR):
    """Three cross layers beside the perceptron, and a head on both."""

    def __init__(self):
        super().__init__(first_order=False)
        self.mlp, self.head = deep(0), nn.Linear(FIELDS * DIM + 400, 1)
        self.layers(FIELDS * DIM)

    def layers(self, n):
        self.w = nn.ParameterList([small(n, 1) for _ in range(3)])
        self.b = nn.ParameterList([nn.Parameter(torch.zeros(n)) for _ in range(3)])

    def cross(self, x0):
        x = x0
        for w, b in zip(self.w, self.b):
            x = x0 * (x @ w) + b + x
        return x

    def forward(self, ids, x):
        x0 = self.fields(ids, x).flatten(1)
        return self.head(torch.cat([self.cross(x0), self.mlp(x0)], 1))


class DCNv2(DCN):
    def layers(self, n):
        self.c = nn.ModuleList([nn.Linear(n, n) for _ in range(3)])

    def cross(self, x0):
        x = x0
        for layer in self.c:
            x = x0 * layer(x) + x
        return x


class XDeepFM(WideDeep):
    """CIN of 100 and 100 feature maps, not halved, with ReLU."""

    def __init__(self):
        super().__init__()
        self.cin = nn.ModuleList([nn.Conv1d(h * FIELDS, 100, 1) for h in (FIELDS, 100)])
        self.head = nn.Linear(200, 1)

    def forward(self, ids, x):
        e = self.fields(ids, x)
        maps, sums = e, []
        for layer in self.cin:
            maps = torch.relu(layer(torch.einsum("bhd,bfd->bhfd", maps, e).reshape(len(e), -1, DIM)))
            sums.append(maps.sum(2))
        return self.linear(ids, x) + self.mlp(e.flatten(1)) + self.head(torch.cat(sums, 1))


class AutoInt(CTR):
    """Three layers of attention between fields, 2 heads of 16, with a residual and ReLU."""

    def __init__(self):
        super().__init__(first_order=False)
        project = lambda width: nn.ModuleList([nn.Linear(width, 32, bias=False) for _ in range(4)])
        self.layers = nn.ModuleList([project(DIM), project(32), project(32)])
        self.head = nn.Linear(FIELDS * 32, 1)

    def forward(self, ids, x):
        e = self.fields(ids, x)
        heads = lambda t: t.view(len(t), FIELDS, 2, 16).transpose(1, 2)
        for query, key, value, residual in self.layers:
            share = torch.softmax(heads(query(e)) @ heads(key(e)).transpose(2, 3), 3)
            seen = (share @ heads(value(e))).transpose(1, 2).reshape(len(e), FIELDS, 32)
            e = torch.relu(seen + residual(e))
        return self.head(e.flatten(1))


class NeuMF(nn.Module):
    """GMF of width 16 and a perceptron 128-64-32-16 on 500k users and 500k items."""

    def __init__(self):
        super().__init__()
        table = lambda width: nn.Embedding(IDS // 2, width, sparse=True)
        self.user, self.item, self.deep_user, self.deep_item = table(16), table(16), table(64), table(64)
        self.mlp, self.head = perceptron(128, (64, 32, 16)), nn.Linear(32, 1)

    def forward(self, ids, _):
        u, i = ids[:, 0], ids[:, 1]
        h = self.mlp(torch.cat([self.deep_user(u), self.deep_item(i)], 1))
        return self.head(torch.cat([self.user(u) * self.item(i), h], 1))


class DLRM(nn.Module):
    def __init__(self, tables, rows, dim, dense, bottom, top):
        super().__init__()
        self.tables = nn.ModuleList([nn.EmbeddingBag(rows, dim, mode="sum", sparse=True) for _ in range(tables)])
        self.bottom = nn.Sequential(perceptron(dense, bottom, dim), nn.ReLU())
        self.top = perceptron(dim + tables * (tables + 1) // 2, top, 1)
        self.i, self.j = torch.tril_indices(tables + 1, tables + 1, -1)

    def forward(self, bags, x):
        z = self.bottom(x)
        t = torch.stack([z] + [table(*bag) for table, bag in zip(self.tables, bags)], 1)
        return self.top(torch.cat([z, torch.bmm(t, t.transpose(1, 2))[:, self.i, self.j]], 1))


def bag(rows, longest):
    n = torch.randint(1, longest + 1, (B,))
    return torch.randint(0, rows, (int(n.sum()),)), torch.cat([torch.zeros(1, dtype=torch.long), n.cumsum(0)[:-1]])


def batches(count, ids, dense):
    return [(ids(), torch.rand(B, dense), torch.randint(0, 2, (B, 1)).float()) for _ in range(count)]


def build():
    if args.config == "dlrm-kaggle":
        return DLRM(26, 100_000, 16, 13, (512, 256, 64), (512, 256)), batches(8, lambda: [bag(100_000, 1) for _ in range(26)], 13)
    if args.config == "dlrm-paper":
        return DLRM(8, 1_000_000, 64, 512, (512,), (1024, 1024, 1024)), batches(2, lambda: [bag(1_000_000, 100) for _ in range(8)], 512)
    if args.config == "ncf":
        return NeuMF(), batches(8, lambda: torch.randint(0, IDS // 2, (B, 2)), 0)
    models = dict(lr=LR, fm=FM, deepfm=DeepFM, wide_deep=WideDeep, dcn=DCN, dcnv2=DCNv2, xdeepfm=XDeepFM, autoint=AutoInt)
    rows = IDS // CATEGORICAL
    return models[model_name](), batches(8, lambda: torch.randint(0, rows, (B, CATEGORICAL)) + rows * torch.arange(CATEGORICAL), DENSE)


model, data = build()
make = {"sgd": lambda p: torch.optim.SGD(p, lr=0.1), "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.01)}[optimizer]
optimize = make(model.parameters())


def train(ids, x, y):
    optimize.zero_grad(set_to_none=True)
    nn.functional.binary_cross_entropy_with_logits(model(ids, x), y).backward()
    optimize.step()


@torch.no_grad()
def infer(ids, x, _):
    torch.sigmoid(model(ids, x))


def speed(phase):
    """Examples a second over at least --seconds and two steps, after one step that does not count."""
    step = {"train": train, "infer": infer}[phase]
    step(*data[0])
    steps, began, passed = 0, time.perf_counter(), 0
    while passed < args.seconds or steps < 2:
        steps += 1
        step(*data[steps % len(data)])
        passed = time.perf_counter() - began
    return B * steps / passed


if args.serve:
    print("torch " + torch.__version__.split("+")[0], flush=True)
    for line in sys.stdin:
        print(speed(line.strip()), flush=True)
else:
    print(json.dumps({"framework": "torch " + torch.__version__, "config": args.config, "model": model_name, "batch": B,
                      "threads": args.threads, "optimizer": optimizer, "train": round(speed("train")), "infer": round(speed("infer"))}))
