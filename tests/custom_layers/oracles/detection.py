"""Detection, box by box."""

import numpy as np


def anchor_boxes(x, stride, sizes, aspect_ratios=(1.0,)):
    boxes = [
        (
            (j + 0.5) * stride - size * ratio**0.5 / 2,
            (i + 0.5) * stride - size / ratio**0.5 / 2,
            (j + 0.5) * stride + size * ratio**0.5 / 2,
            (i + 0.5) * stride + size / ratio**0.5 / 2,
        )
        for i, j in np.ndindex(*x.shape[1:3])
        for size in sizes
        for ratio in aspect_ratios
    ]
    return np.array([boxes] * len(x))


def decoded(offsets, anchors):
    boxes = np.empty(offsets.shape)
    for place in np.ndindex(offsets.shape[:-1]):
        left, top, right, bottom = anchors[place]
        dx, dy, dw, dh = offsets[place]
        width, height = (right - left) * np.exp(dw), (bottom - top) * np.exp(dh)
        x = (left + right) / 2 + (right - left) * dx
        y = (top + bottom) / 2 + (bottom - top) * dy
        boxes[place] = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    return boxes


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)) - shared
    return shared / union if union > 0 else 0.0


def intersection_over_union(boxes, others):
    return np.array(
        [
            [[overlap(a, b) for b in second] for a in first]
            for first, second in zip(boxes, others, strict=True)
        ]
    )


def suppressed(
    boxes, scores, max_detections=10, iou_threshold=0.5, score_threshold=0.05
):
    found = np.zeros((len(boxes), max_detections, 6))
    for image, detections in enumerate(found):
        order = sorted(
            np.ndindex(scores.shape[1:]), key=lambda place: -scores[image][place]
        )
        kept = []
        for i, k in order:
            is_best = all(
                label != k or overlap(boxes[image, i], boxes[image, j]) <= iou_threshold
                for j, label in kept
            )
            if scores[image, i, k] > score_threshold and is_best:
                kept.append((i, k))
        for row, (i, k) in zip(detections, kept, strict=False):
            row[:] = (*boxes[image, i], scores[image, i, k], k)
    return found


def _focal(label, logit, alpha, gamma):
    p = 1 / (1 + np.exp(-logit))
    if label:
        return -alpha * (1 - p) ** gamma * np.log(p)
    return -(1 - alpha) * p**gamma * np.log(1 - p)


def single_shot_loss(
    truth,
    predicted,
    positive_iou=0.5,
    negative_iou=0.4,
    alpha=0.25,
    gamma=2.0,
    delta=0.1,
):
    losses = np.zeros(predicted.shape[:2])
    for image, anchors in enumerate(predicted):
        objects = [row for row in truth[image] if row[4] >= 0]
        table = np.array([[overlap(a, o) for o in objects] for a in anchors])
        positives = 0
        for a, row in enumerate(anchors):
            best = max(table[a], default=0.0)
            own = [
                o for o in range(len(objects)) if table[a, o] == table[:, o].max() > 0
            ]
            chosen = None
            if own:
                chosen = max(own, key=lambda o: table[a, o])
            elif best >= positive_iou:
                chosen = int(np.argmax(table[a]))
            if chosen is None and best >= negative_iou:
                continue
            for k, logit in enumerate(row[8:]):
                label = chosen is not None and objects[chosen][4] == k
                losses[image, a] += _focal(label, logit, alpha, gamma)
            if chosen is None:
                continue
            positives += 1
            width, height = row[2] - row[0], row[3] - row[1]
            box = objects[chosen]
            offsets = (
                (box[0] + box[2] - row[0] - row[2]) / 2 / width,
                (box[1] + box[3] - row[1] - row[3]) / 2 / height,
                np.log((box[2] - box[0]) / width),
                np.log((box[3] - box[1]) / height),
            )
            for got, want in zip(row[4:8], offsets, strict=True):
                error = abs(got - want)
                losses[image, a] += (
                    error**2 / 2 / delta if error <= delta else error - delta / 2
                )
        losses[image] *= len(anchors) / max(1, positives)
    return losses


def binary_focal_crossentropy(
    y,
    p,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    p = 1 / (1 + np.exp(-p)) if from_logits else p
    t = y * (1 - label_smoothing) + label_smoothing / 2
    terms = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    terms *= (1 - (t * p + (1 - t) * (1 - p))) ** gamma
    if apply_class_balancing:
        terms *= t * alpha + (1 - t) * (1 - alpha)
    return terms.mean(axis=axis)
