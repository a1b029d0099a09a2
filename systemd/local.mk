# The service and what systemd makes for it: user and groups, the state directory, the adapters' latency.
systemdsystemunit_DATA = systemd/meterfleetd.service
EXTRA_DIST += systemd/meterfleetd.service.in systemd/meterfleet.sysusers systemd/meterfleet.tmpfiles \
	systemd/60-meterfleet.rules
CLEANFILES += systemd/meterfleetd.service
systemd/meterfleetd.service: systemd/meterfleetd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	$(SED) -e 's,[@]sbindir[@],$(sbindir),g' -e 's,[@]sysconfdir[@],$(sysconfdir),g' \
		$(top_srcdir)/systemd/meterfleetd.service.in >$@.tmp && mv $@.tmp $@

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)' '$(DESTDIR)$(udevrulesdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/meterfleet.sysusers '$(DESTDIR)$(sysusersdir)/meterfleet.conf'
	$(INSTALL_DATA) $(srcdir)/systemd/meterfleet.tmpfiles '$(DESTDIR)$(tmpfilesdir)/meterfleet.conf'
	$(INSTALL_DATA) $(srcdir)/systemd/60-meterfleet.rules '$(DESTDIR)$(udevrulesdir)/60-meterfleet.rules'
uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/meterfleet.conf' '$(DESTDIR)$(tmpfilesdir)/meterfleet.conf' \
		'$(DESTDIR)$(udevrulesdir)/60-meterfleet.rules'
