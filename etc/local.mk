modelsdir = $(datadir)/meterfleet/models
dist_models_DATA = etc/models/kpm31.cfg etc/models/kpm31bk.cfg etc/models/kpm33b.cfg
