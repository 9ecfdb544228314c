"""Makes the traces features_*.json with PyTorch in float64: python3 features.py, in this folder.

Models are FuxiCTR's and DLRM's in their formulas, with torch.nn's own layers and torch.optim's own optimisers; Dice is FuxiCTR's.
Penalties are added to the loss as the two houses do it.
"""
import json
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
DIM, DENSE, SPARSE = 3, ["I1", "I2"], [("C1", 4, False), ("C2", 6, False), ("C3", 5, True)]


class Dice(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bn = nn.BatchNorm1d(width, affine=False, eps=1e-9, momentum=0.01)
        self.alpha = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        p = torch.sigmoid(self.bn(x))
        return p * x + self.alpha * (1 - p) * x


ACTIVATIONS = {"relu": lambda w: nn.ReLU(), "prelu": lambda w: nn.PReLU(), "gelu": lambda w: nn.GELU(), "silu": lambda w: nn.SiLU(),
               "tanh": lambda w: nn.Tanh(), "sigmoid": lambda w: nn.Sigmoid(), "dice": Dice}
NORMS = {"none": lambda w: None, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


class MLP(nn.Module):
    """names maps what ctrlab calls a tensor to the tensor."""

    def __init__(self, name, width, hidden, unit, norm, activation):
        super().__init__()
        self.layers, self.names = nn.ModuleList(), {}
        for i, h in enumerate(hidden + [1] * unit):
            add = nn.Linear(width, h)
            self.layers.append(add)
            self.names |= {f"{name}.{i}.weight": add.weight, f"{name}.{i}.bias": add.bias}
            width = h
            if i == len(hidden):
                break
            for what, layer in (("norm", NORMS[norm](h)), ("activation", ACTIVATIONS[activation](h))):
                if layer is not None:
                    self.layers.append(layer)
                    for key, v in layer.state_dict(keep_vars=True).items():
                        if not key.endswith("num_batches_tracked"):
                            self.names[f"{name}.{i}.{what}.{key.removeprefix('bn.')}"] = v

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.kind = config["name"]
        norm, activation = config.get("norm", "none"), config.get("activation", "relu")
        self.names, self.embeddings = {}, []
        if self.kind == "deepfm":
            for name, rows, _ in SPARSE:
                self.embedding(f"linear.{name}", rows, 1)
            self.embedding("linear.dense", len(DENSE))
            self.names["linear.bias"] = nn.Parameter(torch.randn(1) / 4)
        for name, rows, _ in SPARSE:
            self.embedding(f"embedding.{name}", rows, DIM)
        fields = len(SPARSE)
        width = fields * DIM
        if self.kind == "deepfm":
            self.embedding("embedding.dense", len(DENSE), DIM)
            width += len(DENSE) * DIM
        elif self.kind == "dnn":
            width += len(DENSE)
        else:
            self.bottom = MLP("bottom", len(DENSE), config["bottom"] + [DIM], False, norm, activation)
            self.names |= self.bottom.names
            width = DIM + (fields + 1) * fields // 2
        self.top = MLP("top", width, config["top"], True, norm, activation)
        self.names |= self.top.names

    def embedding(self, name, *shape):
        self.names[name] = nn.Parameter(torch.randn(*shape) / 2)
        self.embeddings.append(name)

    def params(self):
        return {k: v for k, v in self.names.items() if isinstance(v, nn.Parameter)}

    def bags(self, sparse, prefix):
        return [torch.stack([self.names[prefix + f[0]][bags[i]].sum(0) for bags in sparse]) for i, f in enumerate(SPARSE)]

    def forward(self, dense, sparse):
        e = self.bags(sparse, "embedding.")
        if self.kind == "dnn":
            return self.top(torch.cat([dense] + e, 1))[:, 0]
        if self.kind == "dlrm":
            t = torch.stack([self.bottom(dense)] + e, 1)
            products = t @ t.transpose(1, 2)
            i, j = torch.tril_indices(t.shape[1], t.shape[1], -1)
            return self.top(torch.cat([t[:, 0], products[:, i, j]], 1))[:, 0]
        x = torch.stack([dense[:, k, None] * self.names["embedding.dense"][k] for k in range(len(DENSE))] + e, 1)
        linear = sum(self.bags(sparse, "linear."))[:, 0] + dense @ self.names["linear.dense"] + self.names["linear.bias"]
        fm = (x.sum(1) ** 2 - (x ** 2).sum(1)).sum(1) / 2
        return linear + fm + self.top(x.flatten(1))[:, 0]


def optimizer(train, params):
    rate = train["learning_rate"]
    if train["optimizer"] == "momentum":
        return torch.optim.SGD(params, rate, momentum=train.get("momentum", 0.9))
    if train["optimizer"] == "adamw":
        return torch.optim.AdamW(params, rate, weight_decay=train.get("weight_decay", 0.01))
    if train["optimizer"] in ("adam", "dense_adam"):
        return torch.optim.Adam(params, rate, betas=(train.get("beta1", 0.9), train.get("beta2", 0.999)))
    if train["optimizer"] == "adagrad":
        return torch.optim.Adagrad(params, rate, eps=1e-10)
    return torch.optim.SGD(params, rate)


def penalty(model, train, rows):
    """Beside the mean loss; FuxiCTR: λ/2 ‖W‖² and λ|W|. DeepCTR: λ ‖W‖² and λ|W| beside the sum, which is rows times the mean."""
    of = train.get("penalty", "table")
    sum_ = 0
    for name, p in model.params().items():
        kind = "embedding" if name in model.embeddings else "net"
        l2, l1 = train.get(kind + "_l2", 0), train.get(kind + "_l1", 0)
        sum_ += (l2 / 2 * (p ** 2).sum() + l1 * p.abs().sum()) if of == "table" else (l2 * (p ** 2).sum() + l1 * p.abs().sum()) / rows
    return sum_


def objective(z, label, train):
    y = label * (1 - train.get("label_smoothing", 0)) + train.get("label_smoothing", 0) / 2
    gamma = train.get("focal_gamma", 0)
    up, down = -nn.functional.logsigmoid(z) * torch.sigmoid(-z) ** gamma, -nn.functional.logsigmoid(-z) * torch.sigmoid(z) ** gamma
    return (train.get("positive_weight", 1) * y * up + (1 - y) * down).mean()


def tensor(v):
    return {"shape": list(v.shape), "data": [float(f"{x:.9g}") for x in v.detach().flatten().tolist()]}


def batch(rows):
    """Every id is looked up: then optimisers that are lazy on tables are those of PyTorch."""
    bags = []
    for n in range(rows):
        bags.append([torch.randint(0, r, (int(torch.randint(0, 4, ())) if many else 1,)).tolist() for _, r, many in SPARSE])
    for i, (_, r, many) in enumerate(SPARSE):
        for k in range(r):
            bags[k][i] = bags[k][i] + [k] if many else [k]
    dense = (torch.randn(rows, len(DENSE)) * 64).round() / 64
    return dense, bags, torch.randint(0, 2, (rows,)).double()


def trace(name, config, train, sizes=(10, 10, 7)):
    torch.manual_seed(sum(map(ord, name)))
    model = Model(config)
    with torch.no_grad():
        for p in model.params().values():
            if float(p.abs().sum()) == 0 or float((p - 1).abs().sum()) == 0:  # those that start alike say nothing
                p.add_(torch.randn(p.shape) / 4)
        for p in model.names.values():
            p.copy_(torch.tensor(tensor(p)["data"]).reshape(p.shape))
    out = {"format": "ctrlab-trace/1", "name": name, "model": config | {"embedding_dim": DIM}, "train": train,
           "schema": {"dense": DENSE, "sparse": [{"name": n, "rows": r, "multi_hot": m, "pool": "sum"} for n, r, m in SPARSE]},
           "params": {k: tensor(v) for k, v in model.names.items()}, "steps": []}
    params = model.params()
    opt = optimizer(train, list(params.values()))
    for rows in sizes:
        dense, sparse, label = batch(rows)
        model.eval()
        logit = model(dense, sparse)
        model.train()
        loss = objective(model(dense, sparse), label, train)
        if not out["steps"]:
            grads = torch.autograd.grad(loss, list(params.values()), retain_graph=True)
            out["grads"] = {k: tensor(g) for k, g in zip(params, grads)}
        out["steps"].append({"dense": dense.tolist(), "sparse": sparse, "label": label.tolist(), "logit": tensor(logit)["data"], "loss": loss.item()})
        opt.zero_grad()
        (loss + penalty(model, train, rows)).backward()
        if "clip_norm" in train:
            nn.utils.clip_grad_norm_(params.values(), train["clip_norm"])
        opt.step()
    out["final"] = {k: tensor(v) for k, v in model.names.items()}
    with open(f"features_{name}.json", "w") as f:
        json.dump(out, f, separators=(",", ":"))


def rule(optimizer, rate, **more):
    return {"optimizer": optimizer, "learning_rate": rate, "loss": "bce"} | more


# The gradient of a bias under BatchNorm is 0 but for rounding, which Adam makes a step of; a penalty on it, or another optimiser, does not.
trace("bars_deepfm", {"name": "deepfm", "top": [7, 5], "norm": "batch"},
      rule("dense_adam", 0.01, embedding_l2=0.05, net_l2=0.02, penalty="table", clip_norm=0.5))
trace("batchnorm", {"name": "dnn", "top": [7, 5], "norm": "batch"}, rule("sgd", 0.5))
trace("batchnorm_dlrm", {"name": "dlrm", "bottom": [6], "top": [7, 5], "norm": "batch", "activation": "prelu"},
      rule("momentum", 0.1, momentum=0.5))
trace("dice", {"name": "dnn", "top": [7, 5], "activation": "dice"}, rule("sgd", 0.5))
trace("layernorm_gelu", {"name": "dnn", "top": [7, 5], "norm": "layer", "activation": "gelu"}, rule("adamw", 0.01, weight_decay=0.3))
trace("momentum_silu", {"name": "dnn", "top": [7, 5], "activation": "silu"}, rule("momentum", 0.2, momentum=0.8))
trace("deepctr", {"name": "deepfm", "top": [7, 5], "activation": "tanh"},
      rule("sgd", 0.3, embedding_l2=0.2, embedding_l1=0.1, net_l1=0.3, penalty="deepctr"))
trace("sigmoid", {"name": "dnn", "top": [7, 5], "norm": "batch", "activation": "sigmoid"},
      rule("dense_adam", 0.01, beta1=0.5, beta2=0.9, embedding_l1=0.01, net_l1=0.01,
           penalty="table"))
trace("focal", {"name": "dnn", "top": [7, 5]}, rule("adagrad", 0.1, label_smoothing=0.1, positive_weight=2.5, focal_gamma=1.5))
