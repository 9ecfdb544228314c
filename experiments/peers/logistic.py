"""Logistic regression as a contestant from elsewhere: logistic.py DATA SCORES SEED, of docs/external.md.

scikit-learn where it is installed, else PyTorch. Reads train, valid and test of DATA, and writes SCORES.
"""

import csv
import json
import os
import sys

data, scores, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])

with open(os.path.join(data, "data.json")) as f:
    about = json.load(f)

first = {}  # column of id 0 of each field; dense features stand before
columns = len(about["dense"])
for field in about["fields"]:
    first[field["name"]] = columns
    columns += field["ids"]


def rows(split):
    """Yields digest, label and the features of each row as (column, value)."""
    with open(os.path.join(data, about["splits"][split]["file"]), newline="") as f:
        lines = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(lines)
        for line in lines:
            features = [(i, float(x)) for i, x in enumerate(line[3 : 3 + len(about["dense"])])]
            for field, ids in zip(about["fields"], line[3 + len(about["dense"]) :]):
                features += [(first[field["name"]] + int(i), 1.0) for i in ids.split()]
            yield line[1], line[2], features


def by_sklearn(train, others):
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    def matrix(table):
        at, index, value = [0], [], []
        for _, _, features in table:
            index += [i for i, _ in features]
            value += [x for _, x in features]
            at.append(len(index))
        return csr_matrix((value, index, at), shape=(len(table), columns))

    model = LogisticRegression(C=1.0, max_iter=200, random_state=seed)
    model.fit(matrix(train), [int(y) for _, y, _ in train])
    return [model.predict_proba(matrix(t))[:, 1] for t in others]


def by_torch(train, others):
    import torch

    torch.manual_seed(seed)
    weight, bias = torch.nn.EmbeddingBag(columns, 1, mode="sum"), torch.nn.Parameter(torch.zeros(1))
    torch.nn.init.zeros_(weight.weight)
    optimizer = torch.optim.Adagrad([weight.weight, bias], lr=0.05)

    def logit(table):
        at, index, value = [], [], []
        for _, _, features in table:
            at.append(len(index))
            index += [i for i, _ in features]
            value += [x for _, x in features]
        return weight(torch.tensor(index), torch.tensor(at), per_sample_weights=torch.tensor(value)).squeeze(1) + bias

    for _ in range(3):
        for part in torch.randperm(len(train)).split(512):
            some = [train[i] for i in part.tolist()]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logit(some), torch.tensor([float(y) for _, y, _ in some]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return [torch.sigmoid(logit(t)).tolist() for t in others]


try:
    import sklearn  # noqa: F401
    learn = by_sklearn
except ImportError:
    learn = by_torch

names = [s for s in ("valid", "test") if s in about["splits"]]
tables = [list(rows(s)) for s in names]
predicted = learn(list(rows("train")), tables)
with open(scores, "w") as f:
    f.write("row\tsplit\tscore\tdigest\n")
    for name, table, p in zip(names, tables, predicted):
        f.writelines(f"{i}\t{name}\t{x!r}\t{digest}\n" for i, (x, (digest, _, _)) in enumerate(zip(map(float, p), table)))
