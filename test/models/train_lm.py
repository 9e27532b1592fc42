#!/usr/bin/env python3
# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Train a tiny byte-level Mamba-1 language model on one CPU thread.

Text: the King James Bible as Debian's `bible-kjv-text` holds it:
    apt-get install bible-kjv-text
    bible -f "Gen1:1-Rev22:21" | sed 's/^[^ ]* //' > kjv.txt
The last 5 % is the validation split.

The parameters carry the names of the state-spaces/mamba checkpoints.  The scan is a
small C kernel written for this script (forward and backward), built by the system's C
compiler; `--check` compares it with autograd through a plain sequential scan.

    python train_lm.py --text kjv.txt --out OUTDIR --steps 4000
    python train_lm.py --text kjv.txt --out OUTDIR --arch lightning --steps 2000
"""
import argparse, ctypes, json, math, os, subprocess, sys, tempfile, time
import torch
import torch.nn as nn
import torch.nn.functional as F

C_SRC = r"""
#include <math.h>
#include <stdlib.h>
#include <string.h>
#define N 16
/* u,dt,y: [B,L,D]  Bm,Cm: [B,L,N]  A: [D,N]  h0,h1: [B,D,N] */
void fwd(int nb,int L,int D,const float*u,const float*dt,const float*A,const float*Bm,
         const float*Cm,const float*h0,float*y,float*h1){
  for(int b=0;b<nb;b++){
    float*h=h1+(long)b*D*N; memcpy(h,h0+(long)b*D*N,sizeof(float)*D*N);
    for(int t=0;t<L;t++){
      long r=(long)b*L+t; const float*Bt=Bm+r*N,*Ct=Cm+r*N;
      for(int d=0;d<D;d++){
        float dl=dt[r*D+d], x=dl*u[r*D+d], s=0; float*hd=h+d*N; const float*Ad=A+d*N;
        for(int n=0;n<N;n++){ float v=expf(dl*Ad[n])*hd[n]+x*Bt[n]; hd[n]=v; s+=v*Ct[n]; }
        y[r*D+d]=s;
      }}}
}
/* gradients; gA,gB,gC start at zero */
void bwd(int nb,int L,int D,const float*u,const float*dt,const float*A,const float*Bm,
         const float*Cm,const float*h0,const float*gy,float*gu,float*gdt,float*gA,float*gB,float*gC){
  long DN=(long)D*N; float*H=malloc(sizeof(float)*DN*(L+1)),*E=malloc(sizeof(float)*DN*L),*g=malloc(sizeof(float)*DN);
  for(int b=0;b<nb;b++){
    memcpy(H,h0+b*DN,sizeof(float)*DN); memset(g,0,sizeof(float)*DN);
    for(int t=0;t<L;t++){
      long r=(long)b*L+t; const float*Bt=Bm+r*N;
      for(int d=0;d<D;d++){
        float dl=dt[r*D+d], x=dl*u[r*D+d];
        float*hp=H+t*DN+d*N,*hn=hp+DN,*e=E+t*DN+d*N; const float*Ad=A+d*N;
        for(int n=0;n<N;n++){ float a=expf(dl*Ad[n]); e[n]=a; hn[n]=a*hp[n]+x*Bt[n]; }
      }}
    for(int t=L-1;t>=0;t--){
      long r=(long)b*L+t; const float*Bt=Bm+r*N,*Ct=Cm+r*N; float sb[N]={0},sc[N]={0};
      for(int d=0;d<D;d++){
        float dl=dt[r*D+d], x=u[r*D+d], q=gy[r*D+d], s1=0,s2=0;
        float*hp=H+t*DN+d*N,*hn=hp+DN,*e=E+t*DN+d*N,*gd=g+d*N,*ga=gA+d*N; const float*Ad=A+d*N;
        for(int n=0;n<N;n++){
          float v=gd[n]+q*Ct[n]; sc[n]+=q*hn[n];
          float w=v*hp[n]*e[n]; ga[n]+=w*dl; s1+=w*Ad[n]; s2+=v*Bt[n];
          sb[n]+=v*dl*x; gd[n]=v*e[n];
        }
        gdt[r*D+d]=s1+s2*x; gu[r*D+d]=s2*dl;
      }
      memcpy(gB+r*N,sb,sizeof sb); memcpy(gC+r*N,sc,sizeof sc);
    }}
  free(H);free(E);free(g);
}
"""


def build():
    d = tempfile.mkdtemp()
    src, so = os.path.join(d, "scan.c"), os.path.join(d, "scan.so")
    open(src, "w").write(C_SRC)
    subprocess.check_call(["gcc", "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math",
                           "-shared", "-fPIC", src, "-o", so, "-lm"])
    return ctypes.CDLL(so)


LIB = None


def _p(t):
    return ctypes.c_void_p(t.data_ptr())


class Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx, u, dt, A, Bm, Cm, h0):
        u, dt, A, Bm, Cm, h0 = (t.contiguous() for t in (u, dt, A, Bm, Cm, h0))
        nb, L, D = u.shape
        y, h1 = torch.empty_like(u), torch.empty_like(h0)
        LIB.fwd(nb, L, D, _p(u), _p(dt), _p(A), _p(Bm), _p(Cm), _p(h0), _p(y), _p(h1))
        ctx.save_for_backward(u, dt, A, Bm, Cm, h0)
        ctx.mark_non_differentiable(h1)
        return y, h1

    @staticmethod
    def backward(ctx, gy, _):
        u, dt, A, Bm, Cm, h0 = ctx.saved_tensors
        nb, L, D = u.shape
        gy = gy.contiguous()
        gu, gdt, gA = torch.empty_like(u), torch.empty_like(u), torch.zeros_like(A)
        gB, gC = torch.zeros_like(Bm), torch.zeros_like(Cm)
        LIB.bwd(nb, L, D, _p(u), _p(dt), _p(A), _p(Bm), _p(Cm), _p(h0), _p(gy),
                _p(gu), _p(gdt), _p(gA), _p(gB), _p(gC))
        return gu, gdt, gA, gB, gC, None


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class MambaMixer(nn.Module):
    def __init__(self, d=192, n=16, k=4, rank=12):
        super().__init__()
        e = 2 * d
        self.e, self.n, self.k, self.rank = e, n, k, rank
        self.in_proj = nn.Linear(d, 2 * e, bias=False)
        self.conv1d = nn.Conv1d(e, e, k, groups=e, padding=k - 1)
        self.x_proj = nn.Linear(e, rank + 2 * n, bias=False)
        self.dt_proj = nn.Linear(rank, e)
        self.A_log = nn.Parameter(torch.log(torch.arange(1, n + 1).float()).repeat(e, 1))
        self.D = nn.Parameter(torch.ones(e))
        self.out_proj = nn.Linear(e, d, bias=False)
        nn.init.uniform_(self.dt_proj.weight, -rank ** -0.5, rank ** -0.5)
        dt = torch.exp(torch.rand(e) * (math.log(0.1) - math.log(0.001)) + math.log(0.001)).clamp(min=1e-4)
        with torch.no_grad():
            self.dt_proj.bias.copy_(dt + torch.log(-torch.expm1(-dt)))
        nn.init.zeros_(self.conv1d.bias)

    def init_state(self, b):
        return [torch.zeros(b, self.k - 1, self.e), torch.zeros(b, self.e, self.n)]

    def forward(self, x, st):
        L = x.shape[1]
        xs, z = self.in_proj(x).chunk(2, -1)
        pad = torch.cat([st[0], xs], 1)
        c = self.conv1d.bias
        for j in range(self.k):
            c = c + pad[:, j:j + L] * self.conv1d.weight[:, 0, j]
        xs = F.silu(c)
        r, Bm, Cm = self.x_proj(xs).split([self.rank, self.n, self.n], -1)
        dt = F.softplus(self.dt_proj(r))
        y, h = Scan.apply(xs, dt, -torch.exp(self.A_log), Bm, Cm, st[1])
        y = (y + xs * self.D) * F.silu(z)
        return self.out_proj(y), [pad[:, -(self.k - 1):].detach(), h.detach()]


class LightningMixer(nn.Module):
    """TransNormerLLM-like: q,k,v,gate; scalar decay per head; chunked linear attention."""

    def __init__(self, d=192, heads=6, chunk=64, layer=0, layers=4):
        super().__init__()
        self.h, self.dh, self.c = heads, d // heads, chunk
        self.qkvu_proj = nn.Linear(d, 4 * d, bias=False)
        self.out_proj = nn.Linear(d, d, bias=False)
        self.norm = RMSNorm(d)
        # Lightning Attention's slopes: 2^(-8 i / heads), i = 1..heads, fading with depth
        s = torch.tensor([2 ** (-8.0 * (i + 1) / heads) for i in range(heads)])
        self.register_buffer("slope", s * (1 - layer / (layers - 1) + 1e-5))

    def init_state(self, b):
        return [torch.zeros(b, self.h, self.dh, self.dh)]

    def forward(self, x, st):
        b, L, d = x.shape
        q, k, v, u = self.qkvu_proj(x).chunk(4, -1)
        sh = lambda t: t.reshape(b, L, self.h, self.dh).transpose(1, 2)
        q, k, v = sh(F.silu(q)), sh(F.silu(k)), sh(v)
        S, out = st[0], []
        for t0 in range(0, L, self.c):
            qc, kc, vc = (t[:, :, t0:t0 + self.c] for t in (q, k, v))
            n = qc.shape[2]
            i = torch.arange(n, dtype=x.dtype)
            s = self.slope.to(x.dtype)[:, None]
            diff = (i[:, None] - i[None]).clamp(min=0)
            M = torch.exp(-s[..., None] * diff) * (i[:, None] >= i[None])
            o = ((qc @ kc.transpose(-1, -2)) * M) @ vc
            o = o + (qc * torch.exp(-s * (i + 1))[..., None]) @ S
            S = S * torch.exp(-s * n)[..., None] + (kc * torch.exp(-s * (n - 1 - i))[..., None]).transpose(-1, -2) @ vc
            out.append(o)
        o = torch.cat(out, 2).transpose(1, 2).reshape(b, L, d)
        return self.out_proj(self.norm(o) * torch.sigmoid(u)), [S.detach()]


class GLU(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(d, h, bias=False), nn.Linear(d, h, bias=False), nn.Linear(h, d, bias=False)

    def forward(self, x):
        return self.l3(self.l1(x) * self.l2(x))


class Block(nn.Module):
    def __init__(self, d, i, n, arch):
        super().__init__()
        self.norm = RMSNorm(d)
        self.mixer = MambaMixer(d) if arch == "mamba" else LightningMixer(d, layer=i, layers=n)
        if arch != "mamba":
            self.norm2, self.mlp = RMSNorm(d), GLU(d, 2 * d)

    def forward(self, x, st):
        y, st = self.mixer(self.norm(x), st)
        x = x + y
        if hasattr(self, "mlp"):
            x = x + self.mlp(self.norm2(x))
        return x, st


class Backbone(nn.Module):
    def __init__(self, vocab, d, n, arch):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d)
        self.layers = nn.ModuleList(Block(d, i, n, arch) for i in range(n))
        self.norm_f = RMSNorm(d)


class LM(nn.Module):
    def __init__(self, vocab=256, d=192, n=4, arch="mamba"):
        super().__init__()
        self.backbone = Backbone(vocab, d, n, arch)
        nn.init.normal_(self.backbone.embedding.weight, std=0.02)
        for p, w in self.named_parameters():
            if p.endswith(("out_proj.weight", "l3.weight")):
                w.data /= math.sqrt(n)

    def init_state(self, b):
        return [l.mixer.init_state(b) for l in self.backbone.layers]

    def forward(self, ids, st):
        x, new = self.backbone.embedding(ids), []
        for l, s in zip(self.backbone.layers, st):
            x, s = l(x, s)
            new.append(s)
        return F.linear(self.backbone.norm_f(x), self.backbone.embedding.weight), new


def check():
    """the C kernel against autograd through a plain sequential float64 scan"""
    torch.manual_seed(0)
    B, L, D, N = 2, 19, 5, 16
    u, dt, Bm, Cm = torch.randn(B, L, D), torch.rand(B, L, D), torch.randn(B, L, N), torch.randn(B, L, N)
    A, h0, g = -torch.rand(D, N) * 3, torch.randn(B, D, N), torch.randn(B, L, D)
    ins = [t.requires_grad_() for t in (u, dt, A, Bm, Cm)]
    y, h1 = Scan.apply(*ins, h0)
    gr = torch.autograd.grad((y * g).sum(), ins)
    d = [t.detach().double().requires_grad_() for t in ins]
    h, ys = h0.double(), []
    for t in range(L):
        h = torch.exp(d[1][:, t, :, None] * d[2]) * h + (d[1] * d[0])[:, t, :, None] * d[3][:, t, None]
        ys.append((h * d[4][:, t, None]).sum(-1))
    yr = torch.stack(ys, 1)
    gd = torch.autograd.grad((yr * g).sum(), d)
    for n, a, b in zip(["y", "h1", "gu", "gdt", "gA", "gB", "gC"], [y, h1, *gr], [yr, h, *gd]):
        e = (a - b).abs().max().item() / b.abs().max().item()
        print(f"{n}: relative error {e:.1e}")
        assert e < 1e-5


def bpb(model, data, chunk=512):
    """bits per byte of one stream from a zero state (the first byte is not scored)"""
    st, tot = model.init_state(1), 0.0
    with torch.no_grad():
        for i in range(0, len(data) - 1, chunk):
            x, y = data[i:i + chunk][:len(data) - 1 - i], data[i + 1:i + chunk + 1]
            lg, st = model(x[None], st)
            tot += F.cross_entropy(lg[0], y, reduction="sum").item()
    return tot / (len(data) - 1) / math.log(2)


def main():
    global LIB
    ap = argparse.ArgumentParser()
    ap.add_argument("--text"); ap.add_argument("--out"); ap.add_argument("--arch", default="mamba")
    ap.add_argument("--steps", type=int, default=4000)
    ap.add_argument("--minutes", type=float, help="stop (and end the cosine) by the clock, not by --steps")
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--len", type=int, default=256); ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--seed", type=int, default=1611); ap.add_argument("--check", action="store_true")
    a = ap.parse_args()
    torch.set_num_threads(1)
    LIB = build()
    if a.check:
        return check()
    from safetensors.torch import save_file
    torch.manual_seed(a.seed)
    raw = torch.frombuffer(bytearray(open(a.text, "rb").read()), dtype=torch.uint8).long()
    cut = int(len(raw) * 0.95)
    train, valid = raw[:cut], raw[cut:]
    model = LM(arch=a.arch)
    nod = [p for n, p in model.named_parameters() if p.ndim < 2 or "A_log" in n or "conv1d" in n]
    ids = {id(p) for p in nod}
    dec = [p for p in model.parameters() if id(p) not in ids]
    print("parameters", sum(p.numel() for p in model.parameters()), flush=True)
    opt = torch.optim.AdamW([{"params": dec, "weight_decay": 0.1}, {"params": nod, "weight_decay": 0.0}],
                            lr=a.lr, betas=(0.9, 0.95))
    # each row of the batch reads on through the text with its state carried over; before a
    # step a row jumps elsewhere, with a zero state, with probability 1/16
    pos = torch.randint(0, cut - a.len - 1, (a.batch,))
    st = model.init_state(a.batch)
    t0, run = time.time(), None
    step, done = 0, 0.0
    while done < 1:
        step += 1
        done = min(1, (time.time() - t0) / (60 * a.minutes) if a.minutes else step / a.steps)
        lr = a.lr * min(1, step / 100) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done)))
        for grp in opt.param_groups:
            grp["lr"] = lr
        jump = (torch.rand(a.batch) < 1 / 16) | (pos + a.len + 1 >= cut)
        pos = torch.where(jump, torch.randint(0, cut - a.len - 1, (a.batch,)), pos)
        keep = (~jump).float()
        st = [[s * keep.view(-1, *[1] * (s.ndim - 1)) for s in l] for l in st]
        ids_ = torch.stack([train[p:p + a.len + 1] for p in pos.tolist()])
        lg, st = model(ids_[:, :-1], st)
        loss = F.cross_entropy(lg.reshape(-1, 256), ids_[:, 1:].reshape(-1))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        pos = pos + a.len
        v = loss.item() / math.log(2)
        run = v if run is None else 0.98 * run + 0.02 * v
        if step % 50 == 0 or step == 5:
            print(f"step {step} train {run:.4f} bpb, {(time.time() - t0) / step:.3f} s/step", flush=True)
        if step % 500 == 0 or done >= 1:
            save(model, a, step, save_file)
            print(f"step {step} valid(64 KiB) {bpb(model, valid[:65536]):.4f} bpb", flush=True)


def save(model, a, step, save_file):
    os.makedirs(a.out, exist_ok=True)
    save_file({n: t.detach().contiguous() for n, t in model.state_dict().items()},
              os.path.join(a.out, "model.safetensors"),
              {"format": "pt", "arch": a.arch, "steps": str(step), "batch": f"{a.batch}x{a.len}", "seed": str(a.seed), "lr": str(a.lr)})
    os.chmod(os.path.join(a.out, "model.safetensors"), 0o644)


if __name__ == "__main__":
    main()
